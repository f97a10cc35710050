import { Agent, request } from 'node:http';
import { createPostgresJobStore, createPostgresStore } from '../../server/src/infra/postgres/index.ts';
import { aOutput, makeAccount, queueImages } from '../support/fixtures.ts';
import type { Layer } from './api-server.ts';
import { startChild } from './child.ts';
import { type Bench, best, type Result, result } from './result.ts';
import { type BenchServices, startServices } from './services.ts';

const LAYERS: readonly Layer[] = ['auth', 'isolation', 'limits', 'validation', 'logging'];
const CONNECTIONS = 16;
const WARM_MS = 500;
const MEASURE_MS = 1_000;
/** Rounds of which the best counts, on both sides. */
const ROUNDS = 4;

interface Target {
  readonly accountId: string;
  readonly principal: string;
  readonly imageId: string;
}

async function makeImage({ urls }: BenchServices): Promise<Target> {
  const store = createPostgresStore({ url: urls.api, pool: 2 });
  const jobs = createPostgresJobStore({ url: urls.worker, pool: 2 });
  const principal = 'auth0|bench';
  const accountId = await makeAccount(store, principal);
  const [made] = await queueImages(store, accountId, 1);
  const [job] = await jobs.claim(1, 60_000);
  if (!made || !job) throw new Error('no image was made');
  await jobs.complete(job, [aOutput(), aOutput({ name: 'thumbnail' })]);
  await Promise.all([store.close(), jobs.close()]);
  return { accountId, principal, imageId: made.image.id };
}

/** Requests a second of one process, with connections that are kept. */
async function rate(port: number, path: string, token: string): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  const get = () =>
    new Promise<void>((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port, path, agent, headers }, (answer) => {
        answer.resume();
        answer.once('end', () =>
          answer.statusCode === 200 ? resolve() : reject(new Error(`status ${answer.statusCode}`)),
        );
      });
      sent.once('error', reject);
      sent.end();
    });
  const run = async (ms: number): Promise<number> => {
    const begin = performance.now();
    let count = 0;
    const lane = async () => {
      for (; performance.now() - begin < ms; count++) await get();
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, lane));
    return count / ((performance.now() - begin) / 1000);
  };
  await run(WARM_MS);
  const measured = await run(MEASURE_MS);
  agent.destroy();
  return measured;
}

async function measure(
  { urls, folder }: BenchServices,
  { accountId, principal, imageId }: Target,
  { bare, without }: { bare: boolean; without: Layer | null },
): Promise<number> {
  const addresses = { databaseUrl: urls.api, openUrl: urls.worker, objectsRoot: folder };
  const settings = { ...addresses, accountId, principal, bare, without };
  const child = await startChild('api-server.ts', settings);
  // What the file sends with `ready`.
  const { port, token } = child.ready as { port: number; token: string };
  const figure = await rate(port, `/v1/images/${imageId}`, token);
  await child.stop();
  return figure;
}

export const api: Bench = {
  name: 'api',
  about:
    'requests a second of GET /v1/images/:id, beside Koa and pg alone with the same select; share of each layer',
  async run() {
    const services = await startServices();
    try {
      const target = await makeImage(services);
      const kinds = [
        { bare: true, without: null },
        { bare: false, without: null },
        ...LAYERS.map((without) => ({ bare: false, without })),
      ];
      const rates = new Map(kinds.map((kind) => [kind, [] as number[]]));
      for (let round = 0; round < ROUNDS; round++) {
        for (const [kind, figures] of rates) figures.push(await measure(services, target, kind));
      }
      const [bare = Number.NaN, full = Number.NaN, ...less] = [...rates.values()].map(best);
      return [
        result('everything on', 'requests/s', full, bare, '>= 0.3'),
        ...LAYERS.map(
          (layer, n): Result =>
            result(`share of ${layer}`, '% of the time', 100 * (1 - full / (less[n] ?? full)), null, null),
        ),
      ];
    } finally {
      await services.close();
    }
  },
};
