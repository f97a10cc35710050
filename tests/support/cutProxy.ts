import { connect, createServer, type Socket } from 'node:net';

export interface CutProxy {
  readonly url: string;
  /** Connections made so far. */
  readonly connections: number;
  close(): Promise<void>;
}

/**
 * A TCP proxy on loopback that cuts connections in the middle.
 * @param cutAfter bytes of answer after which connection number n is cut; `null` lets it live
 */
export async function startCutProxy(
  target: string,
  cutAfter: (n: number) => number | null,
): Promise<CutProxy> {
  const { hostname, port } = new URL(target);
  const open = new Set<Socket>();
  let connections = 0;
  const server = createServer((client) => {
    const limit = cutAfter(connections);
    connections += 1;
    const upstream = connect(Number(port), hostname);
    let sent = 0;
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        open.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream);
    upstream.on('data', (chunk: Buffer) => {
      const left = limit === null ? chunk.length : Math.max(0, limit - sent);
      sent += chunk.length;
      client.write(chunk.subarray(0, left), () => {
        if (limit !== null && sent >= limit) client.destroy();
      });
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  const listening = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${listening}`,
    get connections() {
      return connections;
    },
    close: () =>
      new Promise((done) => {
        for (const socket of open) socket.destroy();
        server.close(() => done());
      }),
  };
}
