import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface StripeStub {
  /** For STAGER_STRIPE_API_URL. */
  readonly url: string;
  close(): Promise<void>;
}

/** Answers by method and path, a list `GET /v1/customers/:id`, as Stripe would; all else is not there. */
export async function startStripeStub(
  answers: Readonly<Record<string, (id: string, sent: URLSearchParams) => object | undefined>>,
): Promise<StripeStub> {
  const routes = Object.entries(answers).map(([route, answer]) => ({
    pattern: new RegExp(`^${route.replace(':id', '([^/]+)')}$`),
    answer,
  }));
  const server = createServer((req, res) => {
    const { pathname, searchParams } = new URL(req.url ?? '/', 'http://127.0.0.1');
    const asked = `${req.method} ${pathname}`;
    const found = routes.find(({ pattern }) => pattern.test(asked));
    let form = '';
    req.setEncoding('utf8').on('data', (chunk) => {
      form += chunk;
    });
    req.on('end', () => {
      const sent = req.method === 'POST' ? new URLSearchParams(form) : searchParams;
      const body = found?.answer(found.pattern.exec(asked)?.[1] ?? '', sent);
      const missing = { type: 'invalid_request_error', code: 'resource_missing', message: `no ${asked}` };
      res.writeHead(body ? 200 : 404, { 'content-type': 'application/json' });
      res.end(JSON.stringify(body ?? { error: missing }));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  // A TCP listener has an AddressInfo; only pipes have strings.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
  };
}
