import Queue from 'bee-queue';
import type { Ring } from '../../../ports/index.ts';
import { connectOnce, within } from '../../redis/client.ts';

/** Redis that answers no sooner counts as away. */
export const PATIENCE_MS = 2_000;
/** Between two looks at whether it still answers: a connection that is half open says nothing by itself. */
const HEARTBEAT_MS = 2_000;
/** A ring that a worker took and did not hand back in this time goes to another one. */
const STALL_MS = 5_000;
const CLOSE_MS = 200;

export interface QueueOptions {
  readonly url: string;
  readonly name: string;
  readonly prefix: string;
  readonly isWorker: boolean;
}

/** One queue on one connection. When anything is wrong with it, it is broken for good. */
export interface Connection {
  readonly queue: Queue<Ring>;
  /** Resolves with the reason when it cannot be used any more. */
  readonly broken: Promise<Error>;
  fail(error: Error): void;
  /** Lets go of everything that it holds, whatever Redis does. */
  close(): Promise<void>;
}

/** @throws Error when Redis does not answer in time; then nothing is left */
export async function openConnection(options: QueueOptions): Promise<Connection> {
  const client = connectOnce(options.url);
  const broken = Promise.withResolvers<Error>();
  const fail = (error: Error) => broken.resolve(error);
  client.on('error', fail);
  client.on('end', () => fail(new Error('Redis hung up')));
  const queue = new Queue<Ring>(options.name, {
    prefix: options.prefix,
    redis: client,
    quitCommandClient: false,
    isWorker: options.isWorker,
    stallInterval: STALL_MS,
    // What is due stands in the database: nothing here is kept, repeated, delayed or told to others.
    getEvents: false,
    sendEvents: false,
    storeJobs: false,
    activateDelayedJobs: false,
    removeOnSuccess: true,
    removeOnFailure: true,
  });
  queue.on('error', fail);
  let closed = false;
  const close = async () => {
    closed = true;
    clearInterval(heartbeat);
    await queue.close(CLOSE_MS).catch(() => undefined);
    client.end(true);
  };
  const heartbeat = setInterval(() => {
    within(queue.checkHealth(), PATIENCE_MS, 'a sign of life of Redis').catch(fail);
  }, HEARTBEAT_MS);
  try {
    await within(
      Promise.race([queue.ready(), broken.promise.then(rethrow)]),
      PATIENCE_MS,
      'connecting to Redis',
    );
    return { queue, broken: broken.promise, fail, close };
  } catch (error) {
    if (!closed) await close();
    throw error;
  }
}

function rethrow(error: Error): never {
  throw error;
}
