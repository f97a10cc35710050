import { connect, createServer, type Socket } from 'node:net';

export interface FreezeProxy {
  /** The address of the target, by way of the proxy. */
  readonly url: string;
  /** From now on nothing passes, and nobody is told: as when a cable is pulled. New connections pass again. */
  freeze(): void;
  /** Ends each present connection as soon as it is used again. */
  cutOnUse(): void;
  close(): Promise<void>;
}

/** A TCP proxy on loopback whose connections can be made half open. */
export async function startFreezeProxy(target: string): Promise<FreezeProxy> {
  const { hostname, port } = new URL(target);
  const pairs = new Set<readonly [Socket, Socket]>();
  const server = createServer((client) => {
    const pair = [client, connect(Number(port), hostname)] as const;
    const [, upstream] = pair;
    pairs.add(pair);
    client.pipe(upstream).pipe(client);
    for (const socket of pair) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        for (const end of pair) end.destroy();
        pairs.delete(pair);
      });
    }
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  const url = new URL(target);
  url.port = String(typeof address === 'object' && address ? address.port : 0);
  return {
    url: url.href,
    freeze() {
      for (const [client, upstream] of pairs) {
        client.unpipe(upstream).pause();
        upstream.unpipe(client).pause();
      }
    },
    cutOnUse() {
      for (const [client, upstream] of pairs) {
        client.unpipe(upstream);
        client.once('data', () => client.destroy()).resume();
      }
    },
    close: () =>
      new Promise((done) => {
        for (const pair of pairs) for (const socket of pair) socket.destroy();
        server.close(() => done());
      }),
  };
}
