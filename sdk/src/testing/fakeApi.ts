import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { PING_SECONDS } from '../generated/constants.ts';
import { type OperationName, operations } from '../generated/operations.ts';
import type { ByeEvent, Catalog, Image, Plan } from '../generated/types.ts';
import { callerOf, type FakeCaller, NOBODY } from './access.ts';
import { FAKE_CATALOG } from './catalog.ts';
import { type Failure, Failures } from './failures.ts';
import { handlers } from './handlers.ts';
import {
  answer,
  answerError,
  answerFailure,
  type FoundOperation,
  findOperation,
  KeptAnswers,
  parseJson,
  placeOf,
  readAll,
} from './http.ts';
import { FakeProblem } from './problems.ts';
import { type FakeOutcome, FakeState, finish, work } from './state.ts';
import { serveIssuer, serveStore } from './store.ts';
import { FakeStreams } from './streams.ts';

export interface FakeApiOptions {
  /** Replaces parts of what `GET /v1/catalog` says. */
  readonly catalog?: Partial<Catalog> | undefined;
  /** The plan in force; `free` has 10 images. @default 'dev', without a limit */
  readonly plan?: Plan['id'] | undefined;
  /** Milliseconds between two steps of an image: queued, processing, progress, ready. @default 5 */
  readonly stepMs?: number | undefined;
  /** How an image ends; `hold` leaves it to `finish()`. @default 'ready' */
  readonly outcome?: ((image: Image) => FakeOutcome) | undefined;
  /** Whether a bearer token is valid. @default any */
  readonly acceptToken?: ((token: string) => boolean) | undefined;
  /** Milliseconds before each answer. @default 0 */
  readonly latencyMs?: number | undefined;
  /** Milliseconds between two pings of a stream. @default 15000 */
  readonly pingMs?: number | undefined;
  /** Life of an upload ticket in milliseconds. @default 1 hour */
  readonly ticketLifeMs?: number | undefined;
  /** @default a free one */
  readonly port?: number | undefined;
}

/** One request that the fake got. */
export interface FakeRequest {
  /** Name of the operation; `storePut`, `storeGet` and `issuer` are the photo store and the identity provider. */
  readonly operation: OperationName | 'storePut' | 'storeGet' | 'issuer' | undefined;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Parsed JSON, when it was JSON. */
  readonly body: unknown;
  /** Bytes of the body. */
  readonly size: number;
}

/** A stager API in this process: all operations, photo store and event stream, in memory. For tests. */
export interface FakeApi extends AsyncDisposable {
  /** Pass it as `baseUrl`. */
  readonly url: string;
  /** Every request, in the order of their arrival. */
  readonly requests: readonly FakeRequest[];
  /** What it holds; to prepare it, and to look into it. */
  readonly state: FakeState;
  /** Event streams that are open. */
  readonly openStreams: number;
  /** The next requests go wrong. */
  failNext(failure: Failure): void;
  /** Ends an image that is held back. */
  finish(imageId: string, outcome?: 'ready' | 'error'): void;
  setLatency(ms: number): void;
  /** Cuts every connection, as a network does. */
  cutConnections(): void;
  /** Ends every event stream with `bye`, as a server does. */
  endStreams(reason: ByeEvent['reason']): void;
  close(): Promise<void>;
}

/**
 * Starts a fake API on 127.0.0.1.
 * @example
 * await using api = await startFakeApi();
 * const stager = new Stager({ baseUrl: api.url, token: 'any' });
 */
export async function startFakeApi(options: FakeApiOptions = {}): Promise<FakeApi> {
  const state = new FakeState({ ...FAKE_CATALOG, ...options.catalog }, options.plan ?? 'dev');
  const failures = new Failures();
  const streams = new FakeStreams(state);
  const requests: FakeRequest[] = [];
  const sockets = new Set<Socket>();
  const timers = new Set<NodeJS.Timeout>();
  const kept = new KeptAnswers();
  let latencyMs = options.latencyMs ?? 0;
  let url = '';

  const later = (ms: number, task: () => void) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      task();
    }, ms);
    timers.add(timer);
  };

  const begin = (imageId: string, step = 0) => {
    later(options.stepMs ?? 5, () => {
      const image = state.images.get(imageId);
      if (!image) return;
      const outcome = options.outcome?.(image) ?? 'ready';
      if (work(state, imageId, step, outcome)) begin(imageId, step + 1);
    });
  };
  const world = {
    state,
    begin: (id: string) => begin(id),
    ticketLifeMs: () => options.ticketLifeMs ?? 3_600_000,
  };

  async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const target = new URL(req.url ?? '/', url);
    const found = findOperation(req.method ?? 'GET', target.pathname);
    const operation = found?.name ?? placeOf(req.method, target.pathname);
    const failure = operation === 'issuer' ? undefined : failures.take(operation);
    if (failure?.cut) {
      req.socket.destroy();
      return;
    }
    const bytes = await readAll(req);
    const body = parseJson(bytes);
    requests.push({
      operation,
      method: req.method ?? '',
      path: target.pathname + target.search,
      headers: Object.fromEntries(Object.entries(req.headers).map(([name, value]) => [name, String(value)])),
      body,
      size: bytes.length,
    });
    if (latencyMs > 0) await new Promise<void>((resolve) => later(latencyMs, resolve));
    if (failure?.hang) return;
    if (failure && !failure.cutAfterEffect) {
      answerFailure(res, failure);
      return;
    }
    const send = perform(operation, found, { req, res, target, bytes, body });
    if (failure?.cutAfterEffect) req.socket.destroy();
    else send();
  }

  interface Received {
    readonly req: IncomingMessage;
    readonly res: ServerResponse;
    readonly target: URL;
    readonly bytes: Uint8Array;
    readonly body: unknown;
  }

  /** Does what is asked. @returns what sends the answer */
  function perform(
    operation: FakeRequest['operation'],
    found: FoundOperation | undefined,
    { req, res, target, bytes, body }: Received,
  ): () => void {
    if (operation === 'issuer') return () => serveIssuer(target, `${url}/issuer/`, res);
    if (operation === 'storePut' || operation === 'storeGet')
      return serveStore(state, req, target, bytes, res);
    if (!found) throw new FakeProblem('not_found', 'There is nothing at this address.');
    const caller = authorize(req, found.name);
    const query = Object.fromEntries(target.searchParams);
    if (found.name === 'streamEvents') {
      const lastEventId = req.headers['last-event-id']?.toString() ?? query['after'];
      const filter = { projectId: query['projectId'], imageId: query['imageId'] };
      return () => streams.open(res, filter, lastEventId, options.pingMs ?? PING_SECONDS * 1000);
    }
    const { name, params } = found;
    const key = req.headers['idempotency-key']?.toString();
    const handle = handlers[name];
    if (!handle) throw new FakeProblem('not_found', `The fake API does not do ${name} yet.`);
    const done = kept.run(name, key, [params, body], () =>
      handle(world, { params, query, body, caller, url }),
    );
    return () => answer(res, name, done);
  }

  function authorize(req: IncomingMessage, name: OperationName): FakeCaller {
    const token = /^Bearer (.+)$/.exec(req.headers.authorization ?? '')?.[1];
    if (operations[name].scope === null) return NOBODY;
    if (token === undefined || !(options.acceptToken?.(token) ?? true)) {
      throw new FakeProblem('unauthenticated', 'The token is missing or not valid.');
    }
    return callerOf(state, token, name);
  }

  const server = createServer((req, res) => {
    res.setHeader('x-request-id', randomUUID());
    serve(req, res).catch((error: unknown) => answerError(res, error));
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;

  const cutConnections = () => {
    for (const socket of sockets) socket.destroy();
  };
  const close = () =>
    new Promise<void>((resolve) => {
      for (const timer of timers) clearTimeout(timer);
      server.close(() => resolve());
      cutConnections();
    });

  return {
    url,
    requests,
    state,
    get openStreams() {
      return streams.size;
    },
    failNext: (failure) => failures.add(failure),
    finish(imageId, outcome = 'ready') {
      const image = state.images.get(imageId);
      if (!image) throw new Error(`the fake has no image ${imageId}`);
      finish(state, image, outcome);
    },
    setLatency(ms) {
      latencyMs = ms;
    },
    cutConnections,
    endStreams: (reason) => streams.end(reason),
    close,
    [Symbol.asyncDispose]: close,
  };
}
