import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ImageEvent } from '../../server/src/contract/index.ts';
import { newId } from '../../server/src/core/ids.ts';
import type { ClaimedJob, JobStore, Store } from '../../server/src/ports/index.ts';
import { allEvents, aOutput, cancel, makeAccount, queueImages } from '../support/fixtures.ts';

const LEASE_MS = 60_000;
const FAILURE = { code: 'engine_failed', message: 'It broke.', hint: null, retryable: true };

export interface OpenJobs {
  readonly store: Store;
  readonly jobs: JobStore;
}

/** What every JobStore does. `open` gives stores that are empty, and `close` ends them. */
export function describeJobStore(
  name: string,
  open: () => Promise<OpenJobs>,
  close: () => Promise<void>,
): void {
  describe(`job store: ${name}`, () => {
    let store: Store;
    let jobs: JobStore;
    let owner: string;

    beforeAll(async () => {
      ({ store, jobs } = await open());
    });
    beforeEach(async () => {
      for (const job of await jobs.claim(1000, LEASE_MS)) await jobs.fail(job, FAILURE, null);
      await jobs.drainOutbox(['job', 'events', 'remove_object'], 10_000, async () => undefined);
      owner = await makeAccount(store);
    });
    afterAll(close);

    async function claimOne(leaseMs = LEASE_MS): Promise<ClaimedJob> {
      const [job, ...others] = await jobs.claim(1, leaseMs);
      if (!job || others.length > 0) throw new Error('expected one job');
      return job;
    }

    async function imageOf(job: ClaimedJob) {
      return store.read.images.get(job.accountId, job.imageId);
    }

    /** Types of all events of the account; each is checked against the contract on the way. */
    async function eventTypes(): Promise<string[]> {
      return (await allEvents(store, owner)).map(({ data }) => ImageEvent.parse(data).type);
    }

    async function drained(): Promise<unknown[]> {
      const seen: unknown[] = [];
      await jobs.drainOutbox(['job', 'events', 'remove_object'], 1000, async (items) => {
        seen.push(...items);
      });
      return seen;
    }

    test('a claim hands out image and original with a lease', async () => {
      const [made] = await queueImages(store, owner, 1);
      await drained();
      const job = await claimOne();
      expect(job).toMatchObject({ id: made?.jobId, accountId: owner, attempt: 1, maxAttempts: 3 });
      const [original] = await store.read.originals.getMany(owner, [job.image.originalId]);
      expect(job.original).toEqual(original);
      expect(job.image).toEqual(await imageOf(job));
      expect(job.image).toMatchObject({ id: made?.image.id, state: 'processing', attempts: 1, error: null });
      const events = await allEvents(store, owner);
      expect(events.at(-1)?.data).toEqual({
        type: 'image.processing',
        imageId: job.imageId,
        projectId: null,
        state: 'processing',
        attempt: 1,
        at: expect.any(String),
      });
      expect(await drained()).toEqual([{ kind: 'events', accountId: owner }]);
      expect(await jobs.claim(10, LEASE_MS)).toEqual([]);
    });

    test('what is more urgent, then older, is claimed first', async () => {
      const late = await queueImages(store, owner, 2, { priority: 2 });
      const normal = await queueImages(store, owner, 2, { priority: 1 });
      const urgent = await queueImages(store, owner, 2, { priority: 0 });
      const order = [...urgent, ...normal, ...late].map(({ jobId }) => jobId);
      const first = await jobs.claim(3, LEASE_MS);
      const second = await jobs.claim(3, LEASE_MS);
      expect(first.map(({ id }) => id)).toEqual(order.slice(0, 3));
      expect(second.map(({ id }) => id)).toEqual(order.slice(3));
    });

    test('completes with outputs in their order', async () => {
      await queueImages(store, owner, 1);
      const job = await claimOne();
      const outputs = [aOutput({ name: 'zebra' }), aOutput({ name: 'alpha', width: 0, height: 0 })];
      expect(await jobs.complete(job, outputs)).toBe(true);
      expect(await imageOf(job)).toMatchObject({ state: 'ready', attempts: 1, error: null, outputs });
      const listed = await store.read.images.list(owner, {}, { limit: 1, after: null });
      expect(listed.items[0]?.outputs).toEqual(outputs);
      expect(await eventTypes()).toEqual(['image.queued', 'image.processing', 'image.ready']);
    });

    test('a failure that is retried waits for its time', async () => {
      await queueImages(store, owner, 1);
      const job = await claimOne();
      const retryAt = new Date(Date.now() + 3_600_000);
      expect(await jobs.fail(job, { ...FAILURE, message: 'bad \0 byte' }, retryAt)).toBe(true);
      expect(await imageOf(job)).toMatchObject({ state: 'queued', attempts: 1, error: null });
      expect((await allEvents(store, owner)).at(-1)?.data).toMatchObject({
        type: 'image.queued',
        attempt: 1,
        willRetry: true,
        error: { ...FAILURE, message: 'bad \ufffd byte' },
      });
      expect(await jobs.claim(1, LEASE_MS)).toEqual([]);
      expect(await jobs.listDue(10)).toEqual([]);
      const wait = await jobs.msToNextDue();
      expect(wait).toBeGreaterThan(3_000_000);
      expect(wait).toBeLessThanOrEqual(3_600_000);
      await cancel(store, owner, job.imageId);
    });

    test('what is canceled is claimed by nobody, and does not count as due once somebody looked', async () => {
      for (const { image } of await queueImages(store, owner, 2)) await cancel(store, owner, image.id);
      expect(await jobs.claim(1, LEASE_MS)).toEqual([]);
      expect(await jobs.msToNextDue()).not.toBe(0);
    });

    test('a retry that is due is claimed as the next attempt', async () => {
      await queueImages(store, owner, 1);
      await jobs.fail(await claimOne(), FAILURE, new Date(Date.now() - 1000));
      expect(await jobs.msToNextDue()).toBe(0);
      expect(await claimOne()).toMatchObject({ attempt: 2 });
      expect(await jobs.msToNextDue()).not.toBe(0);
    });

    test('a failure for good ends the image, until somebody retries it', async () => {
      await queueImages(store, owner, 1);
      const job = await claimOne();
      expect(await jobs.fail(job, FAILURE, null)).toBe(true);
      expect(await imageOf(job)).toMatchObject({ state: 'error', error: FAILURE });
      expect((await allEvents(store, owner)).at(-1)?.data).toMatchObject({
        type: 'image.error',
        error: FAILURE,
      });
      await store.transaction(async (tx) => {
        const again = await tx.images.setState(owner, job.imageId, 'queued', null);
        expect(again).toMatchObject({ state: 'queued', attempts: 0, error: null });
        await tx.jobs.queue(owner, {
          jobs: [{ id: newId('job'), imageId: job.imageId, priority: 0, maxAttempts: 1 }],
          reservation: null,
          events: [],
        });
      });
      expect(await claimOne()).toMatchObject({ imageId: job.imageId, attempt: 1 });
    });

    test('a job that is given back costs no attempt and rings', async () => {
      await queueImages(store, owner, 1);
      const job = await claimOne();
      await drained();
      expect(await jobs.release(job)).toBe(true);
      expect(await imageOf(job)).toMatchObject({ state: 'queued', attempts: 0 });
      expect(await drained()).toContainEqual({ kind: 'job', jobId: job.id });
      expect(await jobs.listDue(10)).toEqual([job.id]);
      expect(await claimOne()).toMatchObject({ id: job.id, attempt: 1 });
    });

    test('progress is an event between 0 and 1', async () => {
      await queueImages(store, owner, 1);
      const job = await claimOne();
      expect(await jobs.progress(job, 0.25, 'rendering \0')).toBe(true);
      expect(await jobs.progress(job, 7, 'done')).toBe(true);
      const events = (await allEvents(store, owner)).slice(-2).map(({ data }) => ImageEvent.parse(data));
      expect(events).toMatchObject([
        { type: 'image.progress', progress: 0.25, stage: 'rendering \ufffd', attempt: 1 },
        { progress: 1 },
      ]);
    });

    describe('without its lease, a worker writes nothing', () => {
      const losses = {
        'the image was canceled': async (job: ClaimedJob) => cancel(store, owner, job.imageId),
        'somebody else has taken over': async (job: ClaimedJob) => {
          await jobs.renew([job.lease], -1000);
          expect(await jobs.reapExpired(10)).toEqual({ requeued: 1, dead: 0 });
          expect((await claimOne()).id).toBe(job.id);
        },
        'it was given back before': async (job: ClaimedJob) => {
          await jobs.release(job);
        },
        'it was completed before': async (job: ClaimedJob) => {
          await jobs.complete(job, [aOutput()]);
        },
      };
      test.each(Object.entries(losses))('as %s', async (_, lose) => {
        await queueImages(store, owner, 1);
        const job = await claimOne();
        await lose(job);
        const image = await imageOf(job);
        const events = await allEvents(store, owner);
        expect(await jobs.progress(job, 0.5, 'late')).toBe(false);
        expect(await jobs.complete(job, [aOutput({ name: 'late' })])).toBe(false);
        expect(await jobs.fail(job, FAILURE, null)).toBe(false);
        expect(await jobs.fail(job, FAILURE, new Date())).toBe(false);
        expect(await jobs.release(job)).toBe(false);
        expect(await jobs.renew([job.lease], LEASE_MS)).toEqual({ lost: [job.lease], busy: [] });
        expect(await imageOf(job)).toEqual(image);
        expect(await allEvents(store, owner)).toEqual(events);
      });
    });

    test('a lease that was renewed is not reaped', async () => {
      await queueImages(store, owner, 2);
      const [kept, lost] = await jobs.claim(2, -1000);
      if (!kept || !lost) throw new Error('expected two jobs');
      expect(await jobs.renew([kept.lease], LEASE_MS)).toEqual({ lost: [], busy: [] });
      expect(await jobs.reapExpired(10)).toEqual({ requeued: 1, dead: 0 });
      expect(await jobs.complete(kept, [aOutput()])).toBe(true);
      expect(await claimOne()).toMatchObject({ id: lost.id, attempt: 2 });
    });

    test('a worker that is lost again and again ends the image', async () => {
      await queueImages(store, owner, 1, { maxAttempts: 2 });
      const first = await claimOne(-1000);
      expect(await jobs.reapExpired(10)).toEqual({ requeued: 1, dead: 0 });
      expect(await imageOf(first)).toMatchObject({ state: 'queued', attempts: 1, error: null });
      await drained();
      await claimOne(-1000);
      expect(await jobs.reapExpired(10)).toEqual({ requeued: 0, dead: 1 });
      expect(await imageOf(first)).toMatchObject({ state: 'error', error: { code: 'worker_lost' } });
      expect(await eventTypes()).toEqual([
        'image.queued',
        'image.processing',
        'image.queued',
        'image.processing',
        'image.error',
      ]);
      expect(await jobs.reapExpired(10)).toEqual({ requeued: 0, dead: 0 });
    });

    test('what has died is listed with its cause, and replayed once, with all its attempts', async () => {
      await queueImages(store, owner, 3);
      const [one, two, deleted] = await jobs.claim(3, LEASE_MS);
      if (!one || !two || !deleted) throw new Error('expected three jobs');
      for (const job of [one, deleted]) await jobs.fail(job, FAILURE, null);
      await jobs.fail(two, { ...FAILURE, code: 'worker_lost' }, null);
      await store.read.images.remove(owner, deleted.imageId);
      const mine = { accountId: owner, limit: 10 };
      const dead = await jobs.listDead(mine);
      expect(dead).toMatchObject([
        { id: two.id, accountId: owner, imageId: two.imageId, attempts: 1, error: { code: 'worker_lost' } },
        { id: one.id, error: FAILURE },
      ]);
      expect(await jobs.listDead({ ...mine, code: 'worker_lost' })).toEqual(dead.slice(0, 1));
      const ids = [one.id, two.id, deleted.id];
      expect((await jobs.replay(ids, 'host:anna')).sort()).toEqual([one.id, two.id].sort());
      expect(await jobs.replay(ids, 'host:anna')).toEqual([]);
      expect(await jobs.listDead(mine)).toEqual([]);
      expect(await imageOf(one)).toMatchObject({ state: 'queued', attempts: 0, error: null });
      expect((await eventTypes()).slice(-2)).toEqual(['image.queued', 'image.queued']);
      const again = await jobs.claim(10, LEASE_MS);
      expect(again.map(({ id, attempt }) => [id, attempt]).sort()).toEqual(
        [
          [one.id, 1],
          [two.id, 1],
        ].sort(),
      );
      await jobs.fail(again[0] ?? one, FAILURE, null);
      expect(await jobs.listDead(mine)).toHaveLength(1);
    });

    test('reaps at most what it is asked for', async () => {
      await queueImages(store, owner, 3);
      await jobs.claim(3, -1000);
      expect(await jobs.reapExpired(2)).toEqual({ requeued: 2, dead: 0 });
      expect(await jobs.reapExpired(2)).toEqual({ requeued: 1, dead: 0 });
    });

    describe('outbox', () => {
      test('hands out what was committed, by kind and at most so many', async () => {
        const made = await queueImages(store, owner, 3);
        const object = { kind: 'remove_object', bucket: 'photos', key: 'a/b' } as const;
        await store.read.outbox.add([object]);
        const seen: unknown[] = [];
        const drain = (kinds: Parameters<typeof jobs.drainOutbox>[0], limit: number) =>
          jobs.drainOutbox(kinds, limit, async (items) => {
            seen.push(...items);
          });
        expect(await drain(['job'], 2)).toBe(2);
        expect(await drain(['job', 'events'], 10)).toBe(2);
        expect(await drain(['job', 'events'], 10)).toBe(0);
        const rings = made.map(({ jobId }) => ({ kind: 'job', jobId }));
        expect(seen).toHaveLength(4);
        expect(seen).toEqual(expect.arrayContaining([...rings, { kind: 'events', accountId: owner }]));
        expect(await drained()).toEqual([object]);
      });

      test('keeps what could not be handled', async () => {
        await store.read.outbox.add([{ kind: 'job', jobId: 'job_1' }]);
        const failed = jobs.drainOutbox(['job'], 10, async () => {
          throw new Error('nobody hears');
        });
        await expect(failed).rejects.toThrow('nobody hears');
        expect(await drained()).toEqual([{ kind: 'job', jobId: 'job_1' }]);
      });

      test('gives a row to one at a time', async () => {
        await store.read.outbox.add([{ kind: 'job', jobId: 'job_1' }]);
        await jobs.drainOutbox(['job'], 10, async (items) => {
          expect(items).toHaveLength(1);
          expect(await drained()).toEqual([]);
        });
      });
    });

    describe('maintenance', () => {
      const upload = (expiresAt: Date) => ({
        id: newId('upl'),
        sha256: 'a'.repeat(64),
        size: 1,
        contentType: 'image/png',
        objectKey: `uploads/${newId('upl')}`,
        expiresAt,
      });

      test('finds uploads that nobody finished, and forgets them', async () => {
        const [stale, young, settled, old] = [1000, 9000, 1000, 100].map((at) => upload(new Date(at)));
        if (!stale || !young || !settled || !old) throw new Error('four uploads');
        const all = [stale, young, settled, old];
        await store.read.uploads.create(owner, all);
        for (const { id } of [settled, old]) await store.read.uploads.markRejected(owner, id, 'x', 'x');
        const ended = { pendingBefore: new Date(5000), settledBefore: new Date(500) };
        const found = await jobs.listStaleUploads(ended, 10);
        expect(found).toEqual([stale, old].map(({ id, objectKey }) => ({ id, accountId: owner, objectKey })));
        expect(await jobs.listStaleUploads(ended, 1)).toHaveLength(1);
        await jobs.forgetUploads(
          ended,
          all.map(({ id }) => id),
        );
        const left = await store.read.uploads.getMany(
          owner,
          all.map(({ id }) => id),
        );
        expect(new Set(left.map(({ id }) => id))).toEqual(new Set([young.id, settled.id]));
      });

      test('prunes what has outlived its retention, and events only from the front', async () => {
        await queueImages(store, owner, 3);
        await store.read.idempotency.put(owner, 'op', 'k', { bodyHash: 'b', status: 200, response: 1 });
        expect(await jobs.prune(new Date())).toBeGreaterThanOrEqual(0);
        expect(await store.read.events.range(owner)).toEqual({ oldest: 1, head: 3 });
        expect(await store.read.idempotency.get(owner, 'op', 'k')).toBeDefined();
        const inAWeek = new Date(Date.now() + 7 * 86_400_000 + 60_000);
        expect(await jobs.prune(inAWeek)).toBeGreaterThanOrEqual(4);
        expect(await store.read.events.range(owner)).toEqual({ oldest: 4, head: 3 });
        expect(await store.read.idempotency.get(owner, 'op', 'k')).toBeUndefined();
        await queueImages(store, owner, 1);
        expect(await store.read.events.range(owner)).toEqual({ oldest: 4, head: 4 });
        expect((await allEvents(store, owner)).map(({ seq }) => seq)).toEqual([4]);
      });
    });
  });
}
