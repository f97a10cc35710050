import { setTimeout as delay } from 'node:timers/promises';
import type { Doorbell, JobStore, Notifier, Objects, OutboxItem } from '../../ports/index.ts';

const BATCH = 500;
/** Backstop for kicks that were lost with their process. */
const POLL_MS = 1_000;
const FAILED_MAX_MS = 10_000;

export interface RelayOptions {
  readonly jobs: Pick<JobStore, 'drainOutbox'>;
  readonly doorbell: Pick<Doorbell, 'ring'>;
  readonly notifier: Pick<Notifier, 'notify'>;
  readonly objects: Pick<Objects, 'remove'>;
  /** What this process may hand on. */
  readonly kinds: readonly OutboxItem['kind'][];
  readonly log: { warn(fields: object, message: string): void };
  readonly random?: () => number;
}

export interface Relay {
  start(): void;
  /** Something was committed: look now. Any number of kicks in a moment are one look. */
  kick(): void;
  /** Hands on what is there, then stops. */
  stop(): Promise<void>;
}

/**
 * Hands outbox rows on: rings the doorbell, tells of new events, removes objects. A row is gone only when that has
 * worked, so everything happens at least once; any number of relays may work at the same time.
 */
export function createRelay(options: RelayOptions): Relay {
  let kicked = false;
  let stopping = false;
  let failures = 0;
  let sleeper: AbortController | undefined;
  let loop: Promise<void> | undefined;

  async function drain(): Promise<void> {
    for (;;) {
      const taken = await options.jobs.drainOutbox(options.kinds, BATCH, (items) => handOn(options, items));
      if (taken < BATCH) return;
    }
  }

  async function look(): Promise<void> {
    kicked = false;
    try {
      await drain();
      failures = 0;
    } catch (error) {
      if (failures === 0) options.log.warn({ err: error }, 'the outbox cannot be handed on; trying again');
      failures += 1;
    }
  }

  async function sleep(): Promise<void> {
    if (stopping || (kicked && failures === 0)) return;
    const most = failures === 0 ? POLL_MS : Math.min(FAILED_MAX_MS, POLL_MS * 2 ** failures);
    sleeper = new AbortController();
    const random = options.random ?? Math.random;
    await delay(failures === 0 ? most : random() * most, undefined, { signal: sleeper.signal }).catch(
      () => undefined,
    );
    sleeper = undefined;
  }

  return {
    start() {
      loop ??= (async () => {
        while (!stopping) {
          await look();
          await sleep();
        }
        await look();
      })();
    },
    kick() {
      kicked = true;
      if (failures === 0) sleeper?.abort();
    },
    async stop() {
      stopping = true;
      sleeper?.abort();
      await loop;
    },
  };
}

async function handOn(options: RelayOptions, items: readonly OutboxItem[]): Promise<void> {
  const rings = items.flatMap((item) => (item.kind === 'job' ? [{ v: 1 as const, jobId: item.jobId }] : []));
  const accounts = new Set(items.flatMap((item) => (item.kind === 'events' ? [item.accountId] : [])));
  await Promise.all([
    rings.length > 0 ? options.doorbell.ring(rings) : undefined,
    accounts.size > 0 ? options.notifier.notify([...accounts]) : undefined,
    ...items.map((item) =>
      item.kind === 'remove_object'
        ? options.objects.remove({ bucket: item.bucket, key: item.key })
        : undefined,
    ),
  ]);
}
