import { createServer, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the proxy does to a request; the random number is from 0 to 1. */
export type StoreMode = 'well' | 'slow' | 'busy' | 'cut' | 'full';

export interface StoreProxy {
  readonly port: number;
  mode: StoreMode;
  close(): Promise<void>;
}

const SLOW_MS = 700;
const FULL =
  '<Error><Code>XMinioStorageFull</Code><Message>Storage backend has reached its minimum free drive threshold.</Message></Error>';

/** Stands between a stack and its pixel store, on loopback, and misbehaves as it is told. */
export async function startStoreProxy(targetPort: number, random: () => number): Promise<StoreProxy> {
  let mode: StoreMode = 'well';
  const server = createServer(async (req, res) => {
    const now = mode;
    if (now === 'busy' && random() < 0.8) return void res.writeHead(503).end();
    if (now === 'full' && req.method === 'PUT') {
      return void res.writeHead(507, { 'content-type': 'application/xml' }).end(FULL);
    }
    if (now === 'slow') await new Promise((done) => setTimeout(done, SLOW_MS));
    // The name that was signed stays in the header, so that the signature holds.
    const outgoing = request(
      {
        port: targetPort,
        host: '127.0.0.1',
        method: req.method,
        path: req.url,
        headers: req.headers,
        agent: false,
      },
      (answer) => {
        res.writeHead(answer.statusCode ?? 502, answer.headers);
        if (now === 'cut' && random() < 0.6) cutAmid(res, answer);
        else answer.pipe(res);
      },
    );
    outgoing.on('error', () => res.destroy());
    req.on('error', () => outgoing.destroy());
    res.on('close', () => outgoing.destroy());
    if (now === 'cut' && req.method === 'PUT' && random() < 0.6) {
      req.once('data', () => res.destroy());
      req.resume();
    } else req.pipe(outgoing);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  // A TCP listener has an AddressInfo; only pipes have strings.
  const { port } = server.address() as AddressInfo;
  return {
    port,
    get mode() {
      return mode;
    },
    set mode(next) {
      mode = next;
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
