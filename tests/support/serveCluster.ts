import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestProject } from 'vitest/node';
import { type Cluster, startCluster } from './cluster.ts';
import { makeStackData, type StackData } from './stackData.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /**
     * Answers with the login of the run's database server, and below it, `stack`, with the folder of the data that
     * stacks begin with. Both are made for the first who asks.
     */
    clusterUrl: string;
  }
}

/** One database server for all files of a project. @param bin of another PostgreSQL than the embedded one */
export async function serveCluster(project: TestProject, bin?: string): Promise<() => Promise<void>> {
  let cluster: Promise<Cluster> | undefined;
  let stackData: Promise<StackData> | undefined;
  const loginOf = async () => {
    cluster ??= startCluster(bin);
    return JSON.stringify((await cluster).urls);
  };
  const folderOf = async () => {
    stackData ??= makeStackData(bin);
    return (await stackData).folder;
  };
  const server = createServer(async ({ url }, res) => {
    try {
      res.end(await (url === '/stack' ? folderOf() : loginOf()));
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
    (await stackData?.catch(() => undefined))?.remove();
  };
}
