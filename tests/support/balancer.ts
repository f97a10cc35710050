import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Balancer {
  readonly url: string;
  /** Requests that no backend has answered. */
  readonly failures: readonly string[];
  /** Requests that each backend has answered, by its address. */
  readonly answered: ReadonlyMap<string, number>;
  /** Turns to these from now on. Called once. */
  use(backends: readonly string[]): void;
  /** Those that were ready at the last look. */
  readonly ready: readonly string[];
  close(): Promise<void>;
}

const LOOK_MS = 50;
/** What was seen so long ago says nothing any more: this process stood still, and backends may have gone meanwhile. */
const STALE_MS = 500;

/**
 * Stands before several APIs as a deployment's balancer does: asks each whether it is ready, gives requests in turn to
 * those that are, over connections that it keeps, and tries none twice.
 */
export async function startBalancer(): Promise<Balancer> {
  const agent = new Agent({ keepAlive: true });
  const failures: string[] = [];
  const answered = new Map<string, number>();
  const closing = new AbortController();
  const seen = new Map<string, { readonly ready: boolean; readonly at: number }>();
  const watches: Promise<void>[] = [];
  let turn = 0;

  async function look(url: string): Promise<void> {
    const answer = await fetch(`${url}/readyz`, { signal: closing.signal }).catch(() => undefined);
    await answer?.body?.cancel();
    seen.set(url, { ready: answer?.status === 200, at: performance.now() });
  }

  async function watch(url: string): Promise<void> {
    while (!closing.signal.aborted) {
      await look(url);
      await new Promise((next) => setTimeout(next, LOOK_MS));
    }
  }

  const readySince = (at: number) =>
    [...seen].flatMap(([url, last]) => (last.ready && last.at > at ? [url] : []));
  const readyNow = () => readySince(performance.now() - STALE_MS);

  async function findReady(): Promise<string[]> {
    const known = readyNow();
    if (known.length > 0) return known;
    const begun = performance.now();
    await Promise.all([...seen.keys()].map(look));
    return readySince(begun);
  }

  async function handOn(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const ready = await findReady();
    const backend = ready[turn++ % Math.max(1, ready.length)];
    const fail = (why: string) => {
      failures.push(`${req.method} ${req.url?.split('?')[0]}: ${why}`);
      if (res.headersSent) res.destroy();
      else res.writeHead(502).end();
    };
    if (backend === undefined) {
      fail('nobody is ready');
      return;
    }
    const { connection: _own, ...headers } = req.headers;
    const outgoing = request(backend + req.url, { method: req.method, headers, agent }, (answer) => {
      answered.set(backend, (answered.get(backend) ?? 0) + 1);
      const { connection: _theirs, 'keep-alive': _hint, ...given } = answer.headers;
      res.writeHead(answer.statusCode ?? 502, given);
      answer.pipe(res);
      answer.on('error', (error) => fail(`cut: ${error.message}`));
    });
    outgoing.on('error', (error) => {
      // A client that has left is no failure of a backend.
      if (!res.destroyed) fail(`${backend}: ${error.message}`);
    });
    res.on('close', () => outgoing.destroy());
    req.pipe(outgoing);
  }

  const server = createServer((req, res) => void handOn(req, res));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  // A TCP listener has an AddressInfo; only pipes have strings.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    failures,
    answered,
    use(urls) {
      for (const url of urls) watches.push(watch(url));
    },
    get ready() {
      return readyNow();
    },
    async close() {
      closing.abort();
      await Promise.all(watches);
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
      agent.destroy();
    },
  };
}
