import type { Image, ImageCounts, Job, Stats } from '../generated/types.ts';
import { cancelImage, retryImage } from './changes.ts';
import type { Handlers } from './handlers.ts';
import { FAKE_ACCOUNT } from './owner.ts';
import { page } from './paging.ts';
import { FakeProblem, itemError } from './problems.ts';
import type { FakeState } from './state.ts';

/** What operators see of the work: every image of the fake is one job, and all of them are of the caller's account. */
export const operatorHandlers: Handlers = {
  getStats({ state }): Stats {
    const images = countImages(state);
    const [done, dead] = [images.ready, images.error];
    const all = [...state.accounts.values()];
    return {
      at: new Date().toISOString(),
      accounts: {
        total: all.length,
        suspended: all.filter(({ suspendedAt }) => suspendedAt !== null).length,
      },
      images,
      queue: { oldestDueSeconds: oldestWait(state) },
      failures: {
        since: new Date(Date.now() - 86_400_000).toISOString(),
        done,
        dead,
        rate: done + dead === 0 ? null : dead / (done + dead),
      },
      storage: storageOf(state),
      spend: { currency: 'usd', subscriptions: 0, monthlyCents: 0, overageUnits: 0, overageCents: 0 },
      skipped: [],
    };
  },
  getAccountUsage({ state }, { params }) {
    const account = state.accounts.get(params['accountId'] ?? '');
    if (!account) throw new FakeProblem('not_found', `There is no account ${params['accountId']}.`);
    const own = account.id === FAKE_ACCOUNT.id;
    const images = own ? countImages(state) : NO_IMAGES;
    const [year, month] = [new Date().getUTCFullYear(), new Date().getUTCMonth()];
    return {
      accountId: account.id,
      plan: own ? state.plan : 'dev',
      period: {
        start: new Date(Date.UTC(year, month)).toISOString(),
        end: new Date(Date.UTC(year, month + 1)).toISOString(),
      },
      units: images.queued + images.processing + images.ready,
      limit: null,
      overageUnits: 0,
      planCents: 0,
      overageCents: 0,
      images,
      storage: own ? storageOf(state) : { originals: NOTHING, outputs: NOTHING },
    };
  },
  listJobs({ state }, { query }) {
    const { state: wanted, account } = query;
    const all = account && account !== FAKE_ACCOUNT.id ? [] : [...state.images.values()].map(jobOf);
    return page(
      all.filter((job) => !wanted || job.state === wanted),
      query,
    );
  },
  getJob: ({ state }, { params }) => jobOf(imageOf(state, params['jobId'])),
  retryJob({ state, begin }, { params }) {
    const { id } = imageOf(state, params['jobId']);
    return changed(retryImage(state, begin, id));
  },
  cancelJob({ state }, { params }) {
    const { id } = imageOf(state, params['jobId']);
    return changed(cancelImage(state, id));
  },
  listDeadLetters({ state }, { query }) {
    const { code, account } = query;
    const all = account && account !== FAKE_ACCOUNT.id ? [] : [...state.images.values()];
    const dead = all.flatMap(({ id, attempts, error, updatedAt }) =>
      error && (!code || error.code === code)
        ? [{ id: jobId(id), imageId: id, accountId: FAKE_ACCOUNT.id, attempts, error, diedAt: updatedAt }]
        : [],
    );
    const { items, nextCursor } = page(dead, query);
    return { items: items.map(({ id, ...letter }) => ({ jobId: id, ...letter })), nextCursor };
  },
  replayDeadLetters({ state, begin }, { body }) {
    // The route table says so; the fake believes its callers, as a compiler has checked them.
    const { jobIds } = body as { jobIds: string[] };
    return {
      results: jobIds.map((id) => {
        const image = state.images.get(imageId(id));
        if (!image) return { jobId: id, ...itemError('not_found', `There is no job ${id}.`) };
        if (image.state !== 'error')
          return { jobId: id, ...itemError('invalid_state', 'The job is not dead.') };
        retryImage(state, begin, image.id);
        return { jobId: id, status: 'queued', imageId: image.id };
      }),
    };
  },
};

function oldestWait({ images }: FakeState): number | null {
  const since = [...images.values()].flatMap(({ state, updatedAt }) =>
    state === 'queued' ? [Date.parse(updatedAt)] : [],
  );
  return since.length === 0 ? null : Math.max(0, Date.now() - Math.min(...since)) / 1000;
}

const NO_IMAGES: ImageCounts = { queued: 0, processing: 0, ready: 0, error: 0, canceled: 0 };
const NOTHING = { objects: 0, bytes: 0 };

const STATES = {
  queued: 'queued',
  processing: 'running',
  ready: 'done',
  error: 'dead',
  canceled: 'canceled',
} as const satisfies Record<Image['state'], Job['state']>;

const jobId = (image: string) => image.replace(/^img/, 'job');
const imageId = (job: string) => job.replace(/^job/, 'img');

function imageOf(state: FakeState, id = ''): Image {
  const image = state.images.get(imageId(id));
  if (!image) throw new FakeProblem('not_found', `There is no job ${id}.`);
  return image;
}

function jobOf({ id, projectId, engine, state, attempts, error, createdAt, updatedAt }: Image): Job {
  const about = { id: jobId(id), accountId: FAKE_ACCOUNT.id, imageId: id, projectId, engine, error };
  const attempt = { priority: 1, attempt: attempts, maxAttempts: 3, runAt: createdAt, leaseUntil: null };
  return { ...about, state: STATES[state], imageState: state, ...attempt, createdAt, updatedAt };
}

function changed({ id, state }: Image) {
  return { jobId: jobId(id), accountId: FAKE_ACCOUNT.id, imageId: id, imageState: state };
}

function countImages({ images }: FakeState): ImageCounts {
  const counts = { ...NO_IMAGES };
  for (const { state } of images.values()) counts[state] += 1;
  return counts;
}

function storageOf({ originals, images }: FakeState) {
  const sum = (files: readonly { size: number }[]) => ({
    objects: files.length,
    bytes: files.reduce((bytes, { size }) => bytes + size, 0),
  });
  return {
    originals: sum([...originals.values()]),
    outputs: sum([...images.values()].flatMap(({ outputs }) => outputs)),
  };
}
