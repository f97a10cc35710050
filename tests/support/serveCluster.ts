import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestProject } from 'vitest/node';
import { type Cluster, startCluster } from './cluster.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Answers with the login of the run's database server, and starts it for the first who asks. */
    clusterUrl: string;
  }
}

/** One database server for all files of a project. @param bin of another PostgreSQL than the embedded one */
export async function serveCluster(project: TestProject, bin?: string): Promise<() => Promise<void>> {
  let cluster: Promise<Cluster> | undefined;
  const server = createServer(async (_, res) => {
    cluster ??= startCluster(bin);
    try {
      res.end(JSON.stringify((await cluster).urls));
    } catch (error) {
      res.statusCode = 500;
      res.end(error instanceof Error ? error.message : String(error));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A TCP listener has an AddressInfo; only pipes have strings.
  const { port } = server.address() as AddressInfo;
  project.provide('clusterUrl', `http://127.0.0.1:${port}/`);
  return async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await (await cluster?.catch(() => undefined))?.stop();
  };
}
