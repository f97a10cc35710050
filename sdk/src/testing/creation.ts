import type { CreatedImages, CreateImages, Image } from '../generated/types.ts';
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
    roomType = null,
    style = null,
    seed = 0,
    variations = 1,
  } = item;
  const engine = state.catalog.engines.find(
    (known) => known.name === (engineName ?? state.catalog.defaultEngine),
  );
  if (!state.originals.has(originalId)) return itemError('not_found', `There is no original ${originalId}.`);
  if (!engine) return itemError('unknown_engine', `There is no engine ${engineName}.`);
  if (style !== null && !engine.styles.includes(style))
    return itemError('unknown_style', `No style ${style}.`);
  if (roomType !== null && !engine.rooms.includes(roomType))
    return itemError('unknown_room', `No room ${roomType}.`);
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
    return { image, twin: reuse ? findTwin(state, image) : undefined };
  });
  const fresh = wanted.flatMap(({ image, twin }) => (twin ? [] : [image]));
  const left = unitsLeft(state);
  if (fresh.length > left) {
    return itemError('quota_exceeded', `This needs ${fresh.length} images, and the plan has ${left} left.`);
  }
  const reused = wanted.flatMap(({ twin }) => twin?.id ?? []);
  for (const image of fresh) {
    state.insert(image);
    begin(image.id);
  }
  return { status: 'ok', images: wanted.map(({ image, twin }) => twin ?? image), reused };
}

function findTwin(state: FakeState, image: Image): Image | undefined {
  const spec = specOf(image);
  return [...state.images.values()].findLast(
    (other) => specOf(other) === spec && (other.state === 'ready' || UNFINISHED.has(other.state)),
  );
}

function specOf({ projectId, originalId, engine, roomType, style, seed, variation, params }: Image): string {
  const sorted = Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([projectId, originalId, engine, roomType, style, seed, variation, sorted]);
}
