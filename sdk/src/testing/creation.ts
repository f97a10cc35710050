import type { CreatedImages, CreateImages, Image, Layout } from '../generated/types.ts';
import { unitsLeft } from './billing.ts';
import { itemError } from './problems.ts';
import { type FakeState, UNFINISHED } from './state.ts';

/** Makes the images of one item, or finds them. @param begin sets an image going */
export function createFromItem(
  state: FakeState,
  begin: (imageId: string) => void,
  item: CreateImages['items'][number],
  projectId: string | null,
  reuse: boolean,
): CreatedImages {
  const {
    originalId,
    name = null,
    engine: engineName,
    layout,
    roomType = layout?.roomType ?? null,
    style = layout?.style ?? null,
    variations = 1,
  } = item;
  const seed = layout?.seed ?? item.seed ?? 0;
  const engine = state.catalog.engines.find(
    (known) => known.name === (engineName ?? state.catalog.defaultEngine),
  );
  if (!state.originals.has(originalId)) return itemError('not_found', `There is no original ${originalId}.`);
  if (!engine) return itemError('unknown_engine', `There is no engine ${engineName}.`);
  if (style !== null && !engine.styles.includes(style))
    return itemError('unknown_style', `No style ${style}.`);
  if (roomType !== null && !engine.rooms.includes(roomType))
    return itemError('unknown_room', `No room ${roomType}.`);
  const unknown = layout?.pieces.findIndex(({ kind }) => !engine.pieces.includes(kind)) ?? -1;
  if (layout && engine.pieces.length === 0)
    return itemError('engine_takes_no_layout', `The engine ${engine.name} does not take a layout.`);
  if (unknown >= 0) return itemError('layout_invalid', `There is no piece like pieces[${unknown}].`);
  const now = new Date().toISOString();
  const wanted = Array.from({ length: variations }, (_, variation) => {
    const image: Image = {
      id: state.id('img'),
      projectId,
      originalId,
      name,
      engine: engine.name,
      roomType,
      style,
      seed,
      variation,
      params: item.params ?? {},
      state: 'queued',
      attempts: 0,
      error: null,
      outputs: [],
      createdAt: now,
      updatedAt: now,
    };
    return { image, twin: reuse ? findTwin(state, image, layout) : undefined };
  });
  const fresh = wanted.flatMap(({ image, twin }) => (twin ? [] : [image]));
  const left = unitsLeft(state);
  if (fresh.length > left) {
    const words = `This needs ${fresh.length} images, and the plan has ${left} left.`;
    return itemError('quota_exceeded', words, false, { link: '/billing' });
  }
  const reused = wanted.flatMap(({ twin }) => twin?.id ?? []);
  for (const image of fresh) {
    state.insert(image);
    if (layout) state.layouts.set(image.id, layout);
    begin(image.id);
  }
  return { status: 'ok', images: wanted.map(({ image, twin }) => twin ?? image), reused };
}

function findTwin(state: FakeState, image: Image, layout: Layout | undefined): Image | undefined {
  const spec = specOf(image, layout);
  return [...state.images.values()].findLast(
    (other) =>
      specOf(other, state.layouts.get(other.id)) === spec &&
      (other.state === 'ready' || UNFINISHED.has(other.state)),
  );
}

function specOf(image: Image, layout: Layout | undefined): string {
  const { projectId, originalId, engine, roomType, style, seed, variation, params } = image;
  const sorted = Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([projectId, originalId, engine, roomType, style, seed, variation, sorted, layout]);
}
