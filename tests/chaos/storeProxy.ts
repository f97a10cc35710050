import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Random } from './random.ts';

/** What the proxy does to requests. */
export type StoreMode = 'slow' | 'busy' | 'cut' | 'full';

export interface StoreProxy {
  readonly port: number;
  /** Misbehaves from now on; the random numbers choose the requests that it meets. */
  misbehave(mode: StoreMode, random: Random): void;
  /** How many requests it has met since. */
  readonly met: number;
  behave(): void;
  close(): Promise<void>;
}

const SLOW_MS = 700;
/** Share of requests that a store meets that is busy, or cuts bodies. */
const BUSY = 0.8;
const CUT = 0.6;
const FULL =
  '<Error><Code>XMinioStorageFull</Code><Message>Storage backend has reached its minimum free drive threshold.</Message></Error>';

/** Stands between a stack and its pixel store, on loopback, and misbehaves as it is told. */
export async function startStoreProxy(targetPort: number): Promise<StoreProxy> {
  let now: { readonly mode: StoreMode; readonly random: Random } | undefined;
  let met = 0;
  const meets = (mode: StoreMode, share = 1) => {
    if (now?.mode !== mode || (share < 1 && now.random() >= share)) return false;
    met += 1;
    return true;
  };

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    if (meets('busy', BUSY)) return void res.writeHead(503).end();
    if (req.method === 'PUT' && meets('full')) {
      return void res.writeHead(507, { 'content-type': 'application/xml' }).end(FULL);
    }
    if (meets('slow')) await new Promise((done) => setTimeout(done, SLOW_MS));
    const cutAnswer = meets('cut', CUT);
    const cutRequest = req.method === 'PUT' && meets('cut', CUT);
    // The name that was signed stays in the header, so that the signature holds.
    const { method, url: path, headers } = req;
    const target = { port: targetPort, host: '127.0.0.1', method, path, headers, agent: false };
    const outgoing = request(target, (incoming) => {
      res.writeHead(incoming.statusCode ?? 502, incoming.headers);
      if (cutAnswer) cutAmid(res, incoming);
      else incoming.pipe(res);
    });
    outgoing.on('error', () => res.destroy());
    req.on('error', () => outgoing.destroy());
    res.on('close', () => outgoing.destroy());
    if (cutRequest) req.once('data', () => res.destroy()).resume();
    else req.pipe(outgoing);
  }

  // Idle connections end soon, so that those which are held stand out.
  const server = createServer({ keepAliveTimeout: 1_000 }, (req, res) => void answer(req, res));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  // A TCP listener has an AddressInfo; only pipes have strings.
  const { port } = server.address() as AddressInfo;
  return {
    port,
    misbehave(mode, random) {
      now = { mode, random };
      met = 0;
    },
    get met() {
      return met;
    },
    behave() {
      now = undefined;
    },
    async close() {
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
  };
}

function cutAmid(res: ServerResponse, answer: NodeJS.ReadableStream): void {
  answer.once('data', (chunk: Buffer) => {
    res.write(chunk.subarray(0, chunk.length >> 1), () => res.destroy());
  });
  answer.once('end', () => res.destroy());
}
