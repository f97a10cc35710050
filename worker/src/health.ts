import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

export interface HealthOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly isReady: () => boolean;
}

/** Answers /livez while the process runs, and /readyz while it claims. */
export async function serveHealth({ host, port, isReady }: HealthOptions): Promise<HealthServer> {
  const server = createServer((req, res) => {
    const status = statusOf(req.url, isReady);
    res.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    res.end(JSON.stringify({ status: status === 200 ? 'ok' : 'failing' }));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    // A TCP listener has an AddressInfo; only pipes have strings.
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function statusOf(url: string | undefined, isReady: () => boolean): number {
  if (url === '/livez') return 200;
  if (url === '/readyz') return isReady() ? 200 : 503;
  return 404;
}
