import type { Doorbell, Ring } from '../../../ports/index.ts';
import { within } from '../../redis/client.ts';
import { openConnection, PATIENCE_MS, type QueueOptions } from './connection.ts';
import { type Keeper, keepConnection } from './keeper.ts';

export interface BeeDoorbellOptions {
  /** `redis:` or `rediss:` */
  readonly url: string;
  /** Of all keys, so that several systems can share one Redis. */
  readonly prefix: string;
}

const QUEUE = 'stage';
/** Rings of one round trip. */
const BATCH = 500;
/** Between two looks for rings that a dead worker took with it. */
const STALL_CHECK_MS = 5_000;

/**
 * Rings through bee-queue on Redis. A ring is a job of the queue named after what is due; the queue hands it to one
 * worker, which keeps it for as long as it has no free place, so that the next ring goes to another. Redis may lose
 * everything at any time: that costs latency.
 */
export function createBeeDoorbell({ url, prefix }: BeeDoorbellOptions): Doorbell {
  const options: Omit<QueueOptions, 'isWorker'> = { url, prefix, name: QUEUE };
  const stops = new Set<() => Promise<void>>();
  let ringer: Keeper | undefined;

  /** Made at the first need: a process that only listens needs none. */
  async function connected() {
    ringer ??= keepConnection(
      () => openConnection({ ...options, isWorker: false }),
      () => undefined,
    );
    await ringer.tried;
    if (!ringer.current) throw new Error('Redis does not answer.');
    return ringer.current;
  }

  return {
    async ring(rings) {
      if (rings.length === 0) return;
      const connection = await connected();
      try {
        for (let from = 0; from < rings.length; from += BATCH) {
          await within(send(connection.queue, rings.slice(from, from + BATCH)), PATIENCE_MS, 'ringing');
        }
      } catch (error) {
        const failure = error instanceof Error ? error : new Error(String(error));
        connection.fail(failure);
        throw failure;
      }
    },

    async listen(onRing) {
      const listener = keepConnection(
        () => openConnection({ ...options, isWorker: true }),
        async ({ queue, fail }) => {
          queue.process(1, async () => onRing());
          queue.checkStalledJobs(STALL_CHECK_MS).catch(fail);
          // What rang while nobody listened here is not known.
          void onRing();
        },
      );
      await listener.tried;
      const stop = async () => {
        if (stops.delete(stop)) await listener.stop();
      };
      stops.add(stop);
      return stop;
    },

    async check() {
      const { queue } = await connected();
      await within(queue.checkHealth(), PATIENCE_MS, 'a sign of life of Redis');
    },

    async close() {
      await Promise.all([...stops].map((stop) => stop()));
      await ringer?.stop();
    },
  };
}

/** A ring for what has one already is none: the name is taken until a worker has heard it. */
async function send(queue: Awaited<ReturnType<typeof openConnection>>['queue'], rings: readonly Ring[]) {
  const errors = await queue.saveAll(rings.map((ring) => queue.createJob(ring).setId(ring.jobId)));
  for (const error of errors.values()) throw error;
}
