import type { Image } from '../generated/types.ts';
import { FakeProblem } from './problems.ts';
import { type FakeState, UNFINISHED } from './state.ts';

export function findImage(state: FakeState, id: string | undefined): Image {
  const image = state.images.get(id ?? '');
  if (!image) throw new FakeProblem('not_found', `There is no image ${id}.`);
  return image;
}

/** @param begin sets the image going */
export function retryImage(
  state: FakeState,
  begin: (imageId: string) => void,
  id: string | undefined,
): Image {
  const image = findImage(state, id);
  if (image.state !== 'error' && image.state !== 'canceled') {
    throw new FakeProblem(
      'invalid_state',
      `The image is ${image.state}; only an ended one can be queued again.`,
    );
  }
  const queued = state.change(image.id, 'image.queued', { state: 'queued', error: null });
  begin(image.id);
  return queued;
}

export function cancelImage(state: FakeState, id: string | undefined): Image {
  const image = findImage(state, id);
  if (!UNFINISHED.has(image.state)) throw new FakeProblem('invalid_state', `The image is ${image.state}.`);
  return state.change(image.id, 'image.canceled', { state: 'canceled' });
}
