import Queue from 'bee-queue';
import type { RedisClient } from 'redis';
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
  const broken = Promise.withResolvers<Error>();
  const fail = (error: Error) => broken.resolve(error);
  const clients: RedisClient[] = [];
  const connect = () => {
    const made = connectOnce(options.url);
    made.on('error', fail);
    made.on('end', () => fail(new Error('Redis hung up')));
    clients.push(made);
    return made;
  };
  const client = connect();
  // A worker's second connection. bee-queue listens for its errors when it is ready, or until the first of them: one that
  // is cut while it opens tells two, and the second would end the process.
  client.duplicate = connect;
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
    for (const made of clients) made.end(true);
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
