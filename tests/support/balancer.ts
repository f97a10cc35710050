import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Balancer {
  readonly url: string;
  /** Requests that no backend has answered. */
  readonly failures: readonly string[];
  /** Requests that each backend has answered, by its address. */
  readonly answered: ReadonlyMap<string, number>;
  /** Turns to these from now on. */
  use(backends: readonly string[]): void;
  /** Those that were ready at the last look. */
  readonly ready: readonly string[];
  close(): Promise<void>;
}

const LOOK_MS = 50;

/**
 * Stands before several APIs as a deployment's balancer does: asks each whether it is ready, gives requests in turn to
 * those that are, over connections that it keeps, and tries none twice.
 */
export async function startBalancer(): Promise<Balancer> {
  const agent = new Agent({ keepAlive: true });
  const failures: string[] = [];
  const answered = new Map<string, number>();
  let backends: readonly string[] = [];
  let ready: readonly string[] = [];
  let turn = 0;

  async function look(): Promise<void> {
    const looked = await Promise.all(
      backends.map(async (url) => {
        const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5_000) }).catch(
          () => undefined,
        );
        await answer?.body?.cancel();
        return answer?.status === 200 ? [url] : [];
      }),
    );
    ready = looked.flat();
  }

  let looking = true;
  const looks = (async () => {
    while (looking) {
      await look();
      await new Promise((next) => setTimeout(next, LOOK_MS));
    }
  })();

  function handOn(req: IncomingMessage, res: ServerResponse): void {
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

  const server = createServer(handOn);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  // A TCP listener has an AddressInfo; only pipes have strings.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    failures,
    answered,
    use(urls) {
      backends = urls;
    },
    get ready() {
      return ready;
    },
    async close() {
      looking = false;
      await looks;
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
      agent.destroy();
    },
  };
}
