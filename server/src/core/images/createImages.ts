import type { BodyOf, CreatedImages, Routes } from '../../contract/index.ts';
import type { ImageRow, NewImage } from '../../ports/index.ts';
import { reservationOf, standingFor, type Tariff, usageEvents } from '../billing/reserve.ts';
import type { Standing } from '../billing/standing.ts';
import { type Act, audit } from '../context.ts';
import { DEFAULT_ENGINE, findEngine } from '../engines/catalogue.ts';
import { checkEngineRequest } from '../engines/check.ts';
import { itemError, notFound } from '../errors.ts';
import { newId } from '../ids.ts';
import { type Admission, admit, type Plan } from './admit.ts';
import { imageEvent } from './events.ts';
import { presentImage } from './present.ts';
import { imageSpecHash } from './specHash.ts';

type Request = BodyOf<Routes['createImages']>;
type Item = Request['items'][number];

/** Lower runs first. */
const PRIORITIES: Record<Request['priority'], number> = { high: 0, normal: 1, low: 2 };
export const MAX_ATTEMPTS = 5;

/** One result per item, in order: an item that is refused keeps no other from being made. */
export async function createImages(act: Act, tariff: Tariff, request: Request): Promise<CreatedImages[]> {
  const owner = act.caller.accountId;
  const { reuse } = request;
  const projectId = request.projectId ?? null;
  if (projectId && !(await act.tx.projects.lock(owner, projectId))) throw notFound('project', projectId);
  const [originals, standing] = await Promise.all([
    act.tx.originals.getMany(owner, [...new Set(request.items.map((item) => item.originalId))]),
    standingFor(act, tariff.plans, wantedUnits(request)),
  ]);
  const there = new Set(originals.map(({ id }) => id));
  const planned = request.items.map((item): Plan => refuse(item, there) ?? expand(item, projectId));
  const known = reuse ? await findKnown(act, planned) : new Map<string, ImageRow>();
  const admission = admit(act, planned, { known, reuse, tariff, standing });
  const made = await insertAll(act, standing, admission, projectId, PRIORITIES[request.priority]);
  return admission.plans.map((plan) => (Array.isArray(plan) ? answer(plan, known, made, reuse) : plan));
}

function wantedUnits({ items }: Request): number {
  return items.reduce((sum, { variations }) => sum + variations, 0);
}

function refuse(item: Item, originals: ReadonlySet<string>): Extract<Plan, { status: 'error' }> | null {
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
async function findKnown(act: Act, planned: readonly Plan[]): Promise<Map<string, ImageRow>> {
  const hashes = planned.flatMap((plan) => (Array.isArray(plan) ? plan.map((image) => image.specHash) : []));
  if (hashes.length === 0) return new Map();
  await act.tx.accounts.lock(act.caller.accountId);
  const found = await act.tx.images.findBySpec(act.caller.accountId, [...new Set(hashes)]);
  return new Map(found.map(({ specHash, image }) => [specHash, image]));
}

/** In one round trip, which holds nothing that others of the account wait for: that comes with the commit. */
async function insertAll(
  act: Act,
  standing: Standing,
  { fresh, allowance }: Admission,
  projectId: string | null,
  priority: number,
): Promise<Made> {
  const made: Made = { byId: new Map(), bySpec: new Map() };
  if (fresh.length === 0) return made;
  const owner = act.caller.accountId;
  const images = fresh.map(({ image }) => image);
  const jobs = images.map((image) => ({
    id: newId('job'),
    imageId: image.id,
    priority,
    maxAttempts: MAX_ATTEMPTS,
  }));
  const queued = images.map((image) =>
    imageEvent({ ...image, state: 'queued', attempts: 0 }, 'image.queued', act.now),
  );
  const taken = fresh.map(({ image, overage }) => ({ imageId: image.id, overage }));
  const [rows] = await Promise.all([
    act.tx.images.insert(owner, images),
    act.tx.jobs.queue(owner, {
      jobs,
      reservation: reservationOf(act, standing, allowance, { projectId, taken }),
      events: [...queued, ...usageEvents(standing, allowance, act.now)],
    }),
    audit(
      act,
      'image.create',
      images.map(({ id }) => id),
    ),
    act.tx.outbox.add([
      ...jobs.map((job) => ({ kind: 'job', jobId: job.id }) as const),
      { kind: 'events', accountId: owner },
    ]),
  ]);
  for (const row of rows) made.byId.set(row.id, row);
  for (const image of images) {
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
