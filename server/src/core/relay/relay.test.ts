import { describe, expect, test, vi } from 'vitest';
import { type JobStore, ObjectStoreError, type OutboxItem } from '../../ports/index.ts';
import { createRelay, type Relay, type RelayOptions } from './relay.ts';

/** An outbox as the port has it: what `handle` fails on is still there. */
function outbox() {
  const items: OutboxItem[] = [];
  const sizes: number[] = [];
  const jobs: Pick<JobStore, 'drainOutbox'> = {
    async drainOutbox(kinds, limit, handle) {
      const taken = items.filter((item) => kinds.includes(item.kind)).slice(0, limit);
      if (taken.length > 0) {
        sizes.push(taken.length);
        await handle([...taken]);
      }
      for (const item of taken) items.splice(items.indexOf(item), 1);
      return taken.length;
    },
  };
  return { items, sizes, jobs };
}

function setUp(wish: Partial<RelayOptions> = {}) {
  const box = outbox();
  const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const ring = vi.fn<RelayOptions['doorbell']['ring']>(async () => undefined);
  const notify = vi.fn<RelayOptions['notifier']['notify']>(async () => undefined);
  const remove = vi.fn<RelayOptions['objects']['remove']>(async () => undefined);
  const relay = createRelay({
    jobs: box.jobs,
    doorbell: { ring },
    notifier: { notify },
    objects: { remove },
    kinds: ['job', 'events', 'remove_object'],
    log,
    pollMs: 5,
    ...wish,
  });
  return { ...box, relay, ring, notify, remove, log };
}

const job = (n: number): OutboxItem => ({ kind: 'job', jobId: `job_${n}` });
const events = (n: number): OutboxItem => ({ kind: 'events', accountId: `acc_${n}` });
const removal = (key: string): OutboxItem => ({ kind: 'remove_object', bucket: 'photos', key });

async function running(relay: Relay, check: () => void): Promise<void> {
  relay.start();
  try {
    await vi.waitFor(check);
  } finally {
    await relay.stop();
  }
}

describe('the relay', () => {
  test('hands on each kind in its own way, accounts once a batch', async () => {
    const { relay, items, ring, notify, remove } = setUp();
    items.push(job(1), events(1), job(2), events(1), events(2), removal('a'), removal('b'));
    await running(relay, () => expect(items).toEqual([]));
    expect(ring.mock.calls).toEqual([
      [
        [
          { v: 1, jobId: 'job_1' },
          { v: 1, jobId: 'job_2' },
        ],
      ],
    ]);
    expect(notify.mock.calls).toEqual([[['acc_1', 'acc_2']]]);
    expect(remove.mock.calls.map(([{ key }]) => key).sort()).toEqual(['a', 'b']);
  });

  test('leaves kinds that are not its own', async () => {
    const { relay, items, remove } = setUp({ kinds: ['job', 'events'] });
    items.push(removal('a'), job(1));
    await running(relay, () => expect(items).toEqual([removal('a')]));
    expect(remove).not.toHaveBeenCalled();
  });

  test('goes on until nothing is left, in batches', async () => {
    const { relay, items, sizes } = setUp({ kinds: ['job'], pollMs: 3_600_000 });
    for (let n = 0; n < 1_100; n++) items.push(job(n));
    await running(relay, () => expect(items).toEqual([]));
    expect(sizes).toEqual([500, 500, 100]);
  });

  test('a kick is enough, without a poll', async () => {
    const { relay, items, ring } = setUp({ pollMs: 3_600_000 });
    relay.start();
    await new Promise(setImmediate);
    items.push(job(7));
    relay.kick();
    await vi.waitFor(() => expect(ring).toHaveBeenCalledOnce());
    await relay.stop();
  });

  test('stops behind handing on what is there', async () => {
    const { relay, items } = setUp({ pollMs: 3_600_000 });
    relay.start();
    await new Promise(setImmediate);
    items.push(job(1), events(1), removal('a'));
    await relay.stop();
    expect(items).toEqual([]);
  });

  test('news that could not be told are told later', async () => {
    const { relay, items, notify } = setUp();
    notify.mockRejectedValueOnce(new Error('down'));
    items.push(events(1));
    await running(relay, () => expect(items).toEqual([]));
    expect(notify).toHaveBeenCalledTimes(2);
  });

  test('a doorbell that is down holds up nothing, and is logged once', async () => {
    const { relay, items, ring, notify, log } = setUp();
    ring.mockRejectedValue(new Error('down'));
    relay.start();
    for (let n = 0; n < 3; n++) {
      items.push(job(n), events(n));
      await vi.waitFor(() => expect(items).toEqual([]));
    }
    ring.mockResolvedValue(undefined);
    items.push(job(9));
    await vi.waitFor(() => expect(items).toEqual([]));
    await relay.stop();
    expect(notify).toHaveBeenCalledTimes(3);
    expect(log.warn).toHaveBeenCalledOnce();
    expect(log.info).toHaveBeenCalledOnce();
  });

  test('a pixel store that is down holds up no rings, and its objects are removed later', async () => {
    const { relay, items, ring, remove } = setUp();
    remove.mockRejectedValue(new ObjectStoreError('unreachable', 'down'));
    items.push(removal('a'), job(1));
    relay.start();
    await vi.waitFor(() => expect(items).toEqual([removal('a')]));
    expect(ring).toHaveBeenCalled();
    remove.mockResolvedValue(undefined);
    await vi.waitFor(() => expect(items).toEqual([]));
    await relay.stop();
  });

  test('an object that can never be removed does not block those behind it, and is logged', async () => {
    const { relay, items, remove, log } = setUp();
    remove.mockImplementation(async ({ key }) => {
      if (key === 'bad') throw new ObjectStoreError('denied', 'no such key');
    });
    items.push(removal('bad'), removal('good'));
    await running(relay, () => expect(items).toEqual([]));
    expect(log.error).toHaveBeenCalledOnce();
    expect(log.error.mock.calls[0]?.[0]).toMatchObject({ bucket: 'photos', key: 'bad' });
  });
});
