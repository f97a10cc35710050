import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { StoreUnavailable } from '../../ports/index.ts';
import { reconnectDelay } from '../reconnect.ts';

export interface Subscription {
  onMessage(payload: string): void;
  /** The connection was gone for a while: there may have been messages. */
  onGap(): void;
}

/** One connection of this process for LISTEN and NOTIFY, shared by all who need it. */
export interface Listener {
  /**
   * Hears a channel until the returned function is called. Resolves when the channel is heard, or when the first
   * try to connect has failed: it goes on by itself and calls `onGap` as soon as it hears.
   */
  listen(channel: string, subscription: Subscription): Promise<() => Promise<void>>;
  /** @throws StoreUnavailable while there is no connection */
  notify(channel: string, payloads: readonly string[]): Promise<void>;
  /** @throws StoreUnavailable */
  check(): Promise<void>;
  close(): Promise<void>;
}

export interface ListenerOptions {
  /** A direct connection: a pooler in transaction mode loses LISTEN. */
  readonly url: string;
  readonly applicationName?: string;
  /** Milliseconds between two looks whether the connection still hears. Default 10,000. */
  readonly heartbeatMs?: number;
  /** An answer that takes longer than this is none: the peer is gone without a word. Default 5,000. */
  readonly answerTimeoutMs?: number;
}

/** Planned once a connection, for the sake of who waits for it. */
const NOTIFY = {
  name: 'notify',
  text: 'SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS p (payload)',
};
const HEARTBEAT_MS = 10_000;
const ANSWER_TIMEOUT_MS = 5_000;

export function createListener(options: ListenerOptions): Listener {
  return new PostgresListener(options);
}

class PostgresListener implements Listener {
  readonly #options: ListenerOptions;
  readonly #channels = new Map<string, Set<Subscription>>();
  readonly #closed = new AbortController();
  /** Channels that the present connection listens to. */
  readonly #heard = new Set<string>();
  #client: pg.Client | undefined;
  #loop: Promise<void> | undefined;
  /** Settles with the outcome of the first try. */
  #firstTry = Promise.withResolvers<void>();
  /** LISTEN and UNLISTEN in the order in which they were asked for. */
  #commands: Promise<void> = Promise.resolve();

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  async listen(channel: string, subscription: Subscription): Promise<() => Promise<void>> {
    const subscriptions = this.#channels.get(channel) ?? new Set();
    this.#channels.set(channel, subscriptions.add(subscription));
    await this.#start();
    await this.#synchronise(channel);
    return async () => {
      subscriptions.delete(subscription);
      await this.#synchronise(channel);
    };
  }

  async notify(channel: string, payloads: readonly string[]): Promise<void> {
    if (payloads.length === 0) return;
    await this.#ask(NOTIFY, [channel, payloads]);
  }

  async check(): Promise<void> {
    await this.#ask({ text: 'SELECT 1' }, []);
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#loop;
  }

  /** Connects once; later calls wait for the outcome of the first try. */
  async #start(): Promise<void> {
    if (this.#closed.signal.aborted) throw new StoreUnavailable('The listener is closed.');
    this.#loop ??= this.#run();
    await this.#firstTry.promise;
  }

  async #ask(query: pg.QueryConfig, values: unknown[]): Promise<void> {
    await this.#start();
    const client = this.#client;
    if (!client) throw new StoreUnavailable('There is no connection for NOTIFY at the moment; trying again.');
    try {
      await this.#answered(client.query({ ...query, values }));
    } catch (error) {
      throw new StoreUnavailable('NOTIFY has failed', { cause: error });
    }
  }

  /** Brings what the server sends in line with what is wanted; without a connection the next one does. */
  #synchronise(channel: string): Promise<void> {
    this.#commands = this.#commands.then(async () => {
      const wanted = (this.#channels.get(channel)?.size ?? 0) > 0;
      if (!wanted) this.#channels.delete(channel);
      const client = this.#client;
      if (client) await this.#tell(client, channel, wanted).catch(() => undefined);
    });
    return this.#commands;
  }

  async #tell(client: pg.Client, channel: string, wanted: boolean): Promise<void> {
    if (!wanted) this.#heard.delete(channel);
    await this.#answered(client.query(`${wanted ? 'LISTEN' : 'UNLISTEN'} ${pg.escapeIdentifier(channel)}`));
    if (wanted && client === this.#client) this.#heard.add(channel);
  }

  async #run(): Promise<void> {
    const { signal } = this.#closed;
    let failures = 0;
    let gap = false;
    while (!signal.aborted) {
      const client = await this.#connect();
      this.#firstTry.resolve();
      if (client) {
        failures = 0;
        if (gap) for (const subscription of this.#all()) subscription.onGap();
        await this.#stayConnected(client);
      }
      gap = true;
      await delay(reconnectDelay(failures++, Math.random), undefined, { signal }).catch(() => undefined);
    }
  }

  async #connect(): Promise<pg.Client | undefined> {
    const client = new pg.Client({
      connectionString: this.#options.url,
      application_name: this.#options.applicationName ?? 'stager-listener',
      connectionTimeoutMillis: this.#options.answerTimeoutMs ?? ANSWER_TIMEOUT_MS,
      // What is told at the same moment is one round trip.
      pipeline: true,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    });
    client.on('error', () => undefined);
    client.on('notification', ({ channel, payload }) => {
      for (const subscription of this.#channels.get(channel) ?? []) subscription.onMessage(payload ?? '');
    });
    try {
      await client.connect();
      this.#client = client;
      for (const channel of this.#channels.keys()) await this.#tell(client, channel, true);
      return client;
    } catch {
      this.#drop(client);
      return undefined;
    }
  }

  /** Returns when the connection is lost, silent, or no longer wanted. */
  async #stayConnected(client: pg.Client): Promise<void> {
    const lost = new AbortController();
    client.once('end', () => lost.abort());
    const over = AbortSignal.any([lost.signal, this.#closed.signal]);
    while (!over.aborted) {
      const pause = this.#options.heartbeatMs ?? HEARTBEAT_MS;
      await delay(pause, undefined, { signal: over }).catch(() => undefined);
      if (!over.aborted && !(await this.#hears(client))) break;
    }
    if (this.#closed.signal.aborted) await this.#answered(client.end()).catch(() => undefined);
    this.#drop(client);
  }

  #drop(client: pg.Client): void {
    this.#client = undefined;
    this.#heard.clear();
    hangUp(client);
  }

  async #hears(client: pg.Client): Promise<boolean> {
    const expected = [...this.#heard];
    try {
      const query = client.query<{ channel: string }>('SELECT pg_listening_channels() AS channel');
      const heard = new Set((await this.#answered(query)).rows.map(({ channel }) => channel));
      return expected.every((channel) => heard.has(channel) || !this.#heard.has(channel));
    } catch {
      return false;
    }
  }

  #answered<T>(answer: Promise<T>): Promise<T> {
    return within(this.#options.answerTimeoutMs ?? ANSWER_TIMEOUT_MS, answer);
  }

  #all(): Subscription[] {
    return [...this.#channels.values()].flatMap((subscriptions) => [...subscriptions]);
  }
}

async function within<T>(ms: number, answer: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const late = delay(ms, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`no answer within ${ms / 1000} s`);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    timer.abort();
    late.catch(() => undefined);
    answer.catch(() => undefined);
  }
}

/** Drops the socket: a polite goodbye to a peer that is gone would wait for ever. */
function hangUp(client: pg.Client): void {
  client.end().catch(() => undefined);
  // pg declares its connection as internal; its stream is the socket, and there is no public way to destroy it.
  const { connection } = client as unknown as { connection?: { stream?: { destroy(): void } } };
  connection?.stream?.destroy();
}
