import type { Image, StageEvent } from '@stager/sdk';
import type { Desk } from './inProcess.ts';

/** An image of two hours ago. */
export function makeImage(id: string, more: Partial<Image> = {}): Image {
  const at = new Date(Date.now() - 7_200_000).toISOString();
  return {
    id,
    projectId: null,
    originalId: `org_${'0'.repeat(26)}`,
    name: 'hall.jpg',
    engine: 'finish',
    roomType: null,
    style: null,
    seed: 0,
    variation: 0,
    params: {},
    state: 'queued',
    attempts: 0,
    error: null,
    outputs: [],
    createdAt: at,
    updatedAt: at,
    ...more,
  };
}

/** Puts an image into the fake API; nothing works on it. */
export function put({ api }: Pick<Desk, 'api'>, more: Partial<Image> = {}): Image {
  const image = makeImage(api.state.id('img'), more);
  api.state.insert(image);
  return image;
}

export const created = (file: string, imageId: string, reused = false): StageEvent => ({
  type: 'created',
  file,
  imageId,
  image: makeImage(imageId, { name: file }),
  reused,
});

export const ready = (file: string, imageId: string): StageEvent => ({
  type: 'ready',
  file,
  imageId,
  image: makeImage(imageId, { name: file, state: 'ready' }),
});
