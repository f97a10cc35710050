import type { BodyOf, CreatedImages, Routes } from '../../contract/index.ts';
import type { ImageRow, NewImage } from '../../ports/index.ts';
import { type Act, audit } from '../context.ts';
import { DEFAULT_ENGINE, findEngine } from '../engines/catalogue.ts';
import { checkEngineRequest } from '../engines/check.ts';
import { itemError, notFound } from '../errors.ts';
import { newId } from '../ids.ts';
import { imageEvent } from './events.ts';
import { presentImage } from './present.ts';
import { imageSpecHash } from './specHash.ts';

type Request = BodyOf<Routes['createImages']>;
type Item = Request['items'][number];
type Refusal = ReturnType<typeof itemError>;

/** Lower runs first. */
const PRIORITIES: Record<Request['priority'], number> = { high: 0, normal: 1, low: 2 };
export const MAX_ATTEMPTS = 5;

/** One result per item, in order: an item that is refused keeps no other from being made. */
export async function createImages(act: Act, request: Request): Promise<CreatedImages[]> {
  const owner = act.caller.accountId;
  const projectId = request.projectId ?? null;
  if (projectId && !(await act.tx.projects.lock(owner, projectId))) throw notFound('project', projectId);
  const originals = new Set(
    (await act.tx.originals.getMany(owner, [...new Set(request.items.map((item) => item.originalId))])).map(
      (o) => o.id,
    ),
  );
  const planned = request.items.map((item) => refuse(item, originals) ?? expand(item, projectId));
  const known = request.reuse ? await findKnown(act, planned) : new Map<string, ImageRow>();
  const fresh = chooseFresh(planned, known, request.reuse);
  const made = await insertAll(act, fresh, PRIORITIES[request.priority]);
  return planned.map((plan) => (Array.isArray(plan) ? answer(plan, known, made, request.reuse) : plan));
}

function refuse(item: Item, originals: ReadonlySet<string>): Refusal | null {
  if (!originals.has(item.originalId)) {
    return itemError(
      'not_found',
      `There is no original ${item.originalId} in this account. Upload the photo first.`,
    );
  }
  const problem = checkEngineRequest(item.engine ?? DEFAULT_ENGINE, {
    ...choicesOf(item),
    variations: item.variations,
    params: item.params,
    layout: item.layout ?? null,
  });
  return problem ? itemError(problem.code, problem.message) : null;
}

/** What a layout says of itself holds, but for a style that was asked for beside it. */
function choicesOf({ roomType, style, seed, layout }: Item): Pick<NewImage, 'roomType' | 'style' | 'seed'> {
  if (!layout) return { roomType: roomType ?? null, style: style ?? null, seed };
  return { roomType: layout.roomType, style: style ?? layout.style, seed: layout.seed };
}

function expand(item: Item, projectId: string | null): NewImage[] {
  const engine = findEngine(item.engine ?? DEFAULT_ENGINE);
  return Array.from({ length: item.variations }, (_, variation) => {
    const spec = {
      projectId,
      originalId: item.originalId,
      engine: engine.name,
      ...choicesOf(item),
      variation,
      params: item.params,
      layout: item.layout ?? null,
    };
    return {
      id: newId('img'),
      name: item.name ?? null,
      ...spec,
      specHash: imageSpecHash(spec, engine.version),
    };
  });
}

/** The account's lock makes twins of one request see each other's images. */
async function findKnown(
  act: Act,
  planned: readonly (NewImage[] | Refusal)[],
): Promise<Map<string, ImageRow>> {
  const hashes = planned.flatMap((plan) => (Array.isArray(plan) ? plan.map((image) => image.specHash) : []));
  if (hashes.length === 0) return new Map();
  await act.tx.accounts.lock(act.caller.accountId);
  const found = await act.tx.images.findBySpec(act.caller.accountId, [...new Set(hashes)]);
  return new Map(found.map(({ specHash, image }) => [specHash, image]));
}

function chooseFresh(
  planned: readonly (NewImage[] | Refusal)[],
  known: ReadonlyMap<string, ImageRow>,
  reuse: boolean,
): NewImage[] {
  const all = planned.flatMap((plan) => (Array.isArray(plan) ? plan : []));
  if (!reuse) return all;
  const first = new Map(all.toReversed().map((image) => [image.specHash, image]));
  return all.filter((image) => !known.has(image.specHash) && first.get(image.specHash) === image);
}

async function insertAll(act: Act, fresh: readonly NewImage[], priority: number): Promise<Made> {
  const made: Made = { byId: new Map(), bySpec: new Map() };
  if (fresh.length === 0) return made;
  const owner = act.caller.accountId;
  const rows = await act.tx.images.insert(owner, fresh);
  const jobs = fresh.map((image) => ({
    id: newId('job'),
    imageId: image.id,
    priority,
    maxAttempts: MAX_ATTEMPTS,
  }));
  await act.tx.jobs.insert(owner, jobs);
  await audit(
    act,
    'image.create',
    fresh.map((image) => image.id),
  );
  await act.tx.outbox.add([
    ...jobs.map((job) => ({ kind: 'job', jobId: job.id }) as const),
    { kind: 'events', accountId: owner },
  ]);
  await act.tx.events.append(
    owner,
    rows.map((row) => imageEvent(row, 'image.queued', act.now)),
  );
  for (const row of rows) made.byId.set(row.id, row);
  for (const image of fresh) {
    const row = made.byId.get(image.id);
    if (row) made.bySpec.set(image.specHash, row);
  }
  return made;
}

interface Made {
  readonly byId: Map<string, ImageRow>;
  readonly bySpec: Map<string, ImageRow>;
}

function answer(
  plan: readonly NewImage[],
  known: ReadonlyMap<string, ImageRow>,
  made: Made,
  reuse: boolean,
): CreatedImages {
  const reused: string[] = [];
  const images = plan.map((image) => {
    const own = made.byId.get(image.id);
    if (own) return presentImage(own);
    const other = reuse ? (known.get(image.specHash) ?? made.bySpec.get(image.specHash)) : undefined;
    if (!other) throw new Error(`image ${image.id} was neither made nor found`);
    reused.push(other.id);
    return presentImage(other);
  });
  return { status: 'ok', images, reused };
}
