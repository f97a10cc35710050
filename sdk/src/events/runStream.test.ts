import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Stager } from '../client.ts';
import { AuthenticationError, NotFoundError } from '../core/errors.ts';
import type { ReconcileRun } from '../generated/types.ts';
import { Reconcile } from '../resources/reconcile.ts';

const ID = `rec_${'0'.repeat(26)}`;

function runOf(rows: number, state: ReconcileRun['state'] = 'scanning'): ReconcileRun {
  return {
    id: ID,
    state,
    projectId: null,
    kinds: null,
    since: null,
    deep: false,
    scheduled: false,
    reason: null,
    progress: { phase: 'photos', rows, objects: 0, expected: 9, done: 0 },
    counts: {},
    changes: 0,
    changesMax: null,
    planHash: null,
    outcome: { applied: 0, skipped: 0, undone: 0 },
    createdAt: '2026-01-01T00:00:00.000Z',
    startedAt: '2026-01-01T00:00:00.000Z',
    finishedAt: null,
    applyUntil: null,
    requestedBy: 'auth0|demo',
    appliedBy: null,
  };
}

interface Answer {
  readonly status?: number;
  readonly events?: readonly object[];
  /** Whether the connection is cut behind them, and not ended. */
  readonly cut?: boolean;
  readonly hold?: boolean;
}

/** One answer for each connection, in order. */
async function serve(answers: readonly Answer[]) {
  vi.spyOn(Math, 'random').mockReturnValue(0);
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    const answer = answers[asked.push(request) - 1];
    send(response, answer ?? { status: 500 });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    vi.restoreAllMocks();
    server.closeAllConnections();
    server.close();
  });
  // It listens on a port.
  const { port } = server.address() as AddressInfo;
  let refreshed = 0;
  const token = {
    getToken: async ({ refresh }: { readonly refresh?: unknown } = {}) => {
      if (refresh) refreshed += 1;
      return `token-${refreshed}`;
    },
  };
  const stager = new Stager({ baseUrl: `http://127.0.0.1:${port}`, token, maxRetries: 1 });
  return { asked, follow: (signal?: AbortSignal) => new Reconcile(stager).follow(ID, { signal }) };
}

function send(response: ServerResponse, { status = 200, events = [], cut, hold }: Answer): void {
  if (status !== 200) {
    const code = status === 404 ? 'not_found' : 'token_expired';
    response.writeHead(status, { 'content-type': 'application/problem+json' });
    response.end(JSON.stringify({ type: 'about:blank', title: 'x', status, code, detail: 'x' }));
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
  const frames = events.map(
    (event) => `event: ${'type' in event ? event.type : ''}\ndata: ${JSON.stringify(event)}\n\n`,
  );
  response.write(frames.join(''), () => {
    if (hold) return;
    // The client has to see what was sent before it sees the end.
    if (cut) setImmediate(() => response.destroy());
    else response.end();
  });
}

const told = (run: ReconcileRun) => ({ type: 'run', run });

async function collect(runs: AsyncIterable<ReconcileRun>): Promise<string[]> {
  const seen: string[] = [];
  for await (const { state, progress } of runs) seen.push(`${state} ${progress.rows}`);
  return seen;
}

test('a run is followed over cuts, restarts and an expired token: nothing twice, and its end is not missed', async () => {
  const { asked, follow } = await serve([
    { events: [told(runOf(1))], cut: true },
    { events: [told(runOf(1)), { type: 'bye', reason: 'shutdown' }] },
    { status: 401 },
    { events: [told(runOf(1))] },
    { events: [told(runOf(3)), { type: 'bye', reason: 'token_expired' }] },
    { events: [told(runOf(3, 'scanned'))], hold: true },
  ]);
  expect(await collect(follow())).toEqual(['scanning 1', 'scanning 3', 'scanned 3']);
  expect(asked).toHaveLength(6);
  const bearers = asked.map(({ headers }) => headers.authorization);
  expect(bearers[3]).not.toBe(bearers[2]);
  // Each connection begins with the run as it is: there is nothing to resume behind.
  expect(asked.every(({ headers }) => headers['last-event-id'] === undefined)).toBe(true);
  await vi.waitFor(() => expect(asked.at(-1)?.socket.destroyed).toBe(true));
});

test('what has ended already is told once', async () => {
  const { asked, follow } = await serve([{ events: [told(runOf(2, 'applied'))] }]);
  expect(await collect(follow())).toEqual(['applied 2']);
  expect(asked).toHaveLength(1);
});

test.each([
  ['a run that is not there', [{ status: 404 }], NotFoundError],
  ['a login that is refused twice', [{ status: 401 }, { status: 401 }], AuthenticationError],
])('%s is an error, and nobody asks on', async (_, answers, kind) => {
  const { asked, follow } = await serve(answers);
  await expect(collect(follow())).rejects.toBeInstanceOf(kind);
  expect(asked).toHaveLength(answers.length);
});

test('who stops watching leaves no connection behind', async () => {
  const { asked, follow } = await serve([{ events: [told(runOf(1))], hold: true }]);
  const stop = new AbortController();
  const runs = follow(stop.signal);
  expect((await runs.next()).value).toMatchObject({ id: ID });
  const next = runs.next();
  stop.abort();
  await expect(next).rejects.toMatchObject({ name: 'AbortError' });
  await vi.waitFor(() => expect(asked[0]?.socket.destroyed).toBe(true));
});

test('nor does who has seen enough', async () => {
  const { asked, follow } = await serve([{ events: [told(runOf(1))], hold: true }]);
  for await (const run of follow()) if (run.id === ID) break;
  await vi.waitFor(() => expect(asked[0]?.socket.destroyed).toBe(true));
});
