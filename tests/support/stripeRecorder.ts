import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request of our adapter, as it left. */
export interface SentRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body: string;
}

/** What a server said to a request, apart from what it holds: whether it is one that the API knows. */
export type Verdict = 'accepts' | 'rejects';

/** The same request with a fault in it. */
export interface Mutation {
  readonly fault: string;
  readonly request: SentRequest;
  readonly fake: Verdict;
}

export interface Recorder {
  /** For the adapter, in the place of the fake. */
  readonly url: string;
  readonly sent: SentRequest[];
  readonly mutations: Mutation[];
  close(): Promise<void>;
}

export const STRIPE_KEY = 'sk_test_fake';

/**
 * Stands before the fake and takes down what passes. Each request is tried with faults in it before it goes its way, as
 * afterwards the state may be another one; of these trials nothing is kept.
 */
export async function startRecorder(fakeUrl: string): Promise<Recorder> {
  const sent: SentRequest[] = [];
  const mutations: Mutation[] = [];
  const server = createServer((req, res) => {
    void (async () => {
      const request = { method: req.method ?? '', path: req.url ?? '', body: await readText(req) };
      for (const { fault, request: faulty } of mutate(request)) {
        const fake = await ask(fakeUrl, faulty);
        mutations.push({ fault: `${callOf(request)} ${fault}`, request: faulty, fake });
      }
      sent.push(request);
      const key = req.headers['idempotency-key'];
      const answer = await send(fakeUrl, request, typeof key === 'string' ? { 'idempotency-key': key } : {});
      res.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A server on TCP has an address with a port.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    sent,
    mutations,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Method and path, with `:id` for ids. */
export function callOf({ method, path }: SentRequest): string {
  const { pathname } = new URL(path, 'http://stripe');
  const parts = pathname
    .split('/')
    .map((part) => (/^[\w-]+_[\w-]+$/.test(part) && /\d|stager_/.test(part) ? ':id' : part));
  return `${method} ${parts.join('/')}`;
}

/** Words of the API that stand for one of a few choices. */
const CHOICES =
  /^(mode|status|end_behavior|payment_behavior|.*proration_behavior\]?|.*\[formula\]|.*\[usage_type\]|.*\[interval\])$/;

/** Each top-level parameter left out, one that nobody knows added, each choice with a word that is none. */
function mutate(request: SentRequest): { fault: string; request: SentRequest }[] {
  const isPost = request.method === 'POST';
  const url = new URL(request.path, 'http://stripe');
  const fields = [...new URLSearchParams(isPost ? request.body : url.search)];
  const withFields = (changed: readonly (readonly [string, string])[]): SentRequest => {
    const form = new URLSearchParams(
      changed.map(([name, value]): [string, string] => [name, value]),
    ).toString();
    return isPost ? { ...request, body: form } : { ...request, path: `${url.pathname}?${form}` };
  };
  const names = [...new Set(fields.map(([name]) => name.replace(/\[.*$/, '')))];
  return [
    { fault: 'with a parameter that nobody knows', request: withFields([...fields, ['wishful', '1']]) },
    ...names.map((name) => ({
      fault: `without ${name}`,
      request: withFields(fields.filter(([own]) => own.replace(/\[.*$/, '') !== name)),
    })),
    ...fields
      .filter(([name]) => CHOICES.test(name))
      .map(([name]) => ({
        fault: `with ${name.replace(/\[\d+\]/g, '[]')} that is no choice`,
        request: withFields(fields.map(([own, value]) => [own, own === name ? 'wishful' : value])),
      })),
  ];
}

export async function ask(url: string, request: SentRequest): Promise<Verdict> {
  const { status } = await send(url, request, { 'fake-dry-run': '1' });
  if (status >= 500) throw new Error(`${callOf(request)} was answered with ${status}`);
  return status < 400 ? 'accepts' : 'rejects';
}

function send(
  url: string,
  { method, path, body }: SentRequest,
  headers: Record<string, string>,
): Promise<Response> {
  return fetch(`${url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${STRIPE_KEY}`,
      'content-type': 'application/x-www-form-urlencoded',
      ...headers,
    },
    ...(method === 'POST' && { body }),
  });
}

async function readText(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of req as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
