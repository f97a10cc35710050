import { connect, createServer, type Socket } from 'node:net';

export interface Outage {
  /** The database's address, through a proxy that can be cut. */
  readonly url: string;
  begin(): void;
  end(): void;
  close(): Promise<void>;
}

/** A TCP proxy in front of a database. During an outage connections are reset, old and new. */
export async function startOutageProxy(databaseUrl: string): Promise<Outage> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let down = false;
  const server = createServer((client) => {
    if (down) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect(Number(target.port), target.hostname);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    url: url.href,
    begin() {
      down = true;
      cut();
    },
    end() {
      down = false;
    },
    close() {
      cut();
      return new Promise((done) => server.close(() => done()));
    },
  };
}
