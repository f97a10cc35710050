import { Agent, request } from 'node:http';
import { createPostgresJobStore, createPostgresStore } from '../../server/src/infra/postgres/index.ts';
import { aOutput, makeAccount, queueImages } from '../support/fixtures.ts';
import type { Layer } from './api-server.ts';
import { type Child, startChild } from './child.ts';
import { type Bench, best, type Result, result } from './result.ts';
import { type BenchServices, startServices } from './services.ts';

const LAYERS: readonly Layer[] = ['auth', 'isolation', 'limits', 'validation', 'logging'];
const CONNECTIONS = 16;
const WARM_REQUESTS = 1_500;
const REQUESTS = 2_000;
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

interface Figure {
  /** Requests a second of one process. */
  readonly rate: number;
  /** Milliseconds of the processor that the process takes for a request: what others do on the machine bears little on it. */
  readonly cpuMs: number;
}

/** With connections that are kept. */
async function load(child: Child, path: string): Promise<Figure> {
  // What the file sends with `ready`.
  const { port, token } = child.ready as { port: number; token: string };
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
  const run = async (count: number): Promise<void> => {
    let left = count;
    const lane = async () => {
      while (left-- > 0) await get();
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, lane));
  };
  const cpu = async () => {
    const told = child.next<{ ms: number }>('cpu');
    child.process.send('cpu');
    return (await told).ms;
  };
  await run(WARM_REQUESTS);
  const [begin, before] = [performance.now(), await cpu()];
  await run(REQUESTS);
  const [cpuMs, ms] = [((await cpu()) - before) / REQUESTS, performance.now() - begin];
  agent.destroy();
  return { rate: REQUESTS / (ms / 1000), cpuMs };
}

async function measure(
  { urls, folder }: BenchServices,
  { accountId, principal, imageId }: Target,
  { bare, without }: { bare: boolean; without: Layer | null },
): Promise<Figure> {
  const addresses = { databaseUrl: urls.api, openUrl: urls.worker, objectsRoot: folder };
  const settings = { ...addresses, accountId, principal, bare, without };
  const child = await startChild('api-server.ts', settings);
  const figure = await load(child, `/v1/images/${imageId}`);
  await child.stop();
  return figure;
}

const NONE: Figure = { rate: Number.NaN, cpuMs: Number.NaN };

function leastDisturbed(figures: readonly Figure[]): Figure {
  return {
    rate: best(figures.map(({ rate }) => rate)),
    cpuMs: Math.min(...figures.map(({ cpuMs }) => cpuMs)),
  };
}

export const api: Bench = {
  name: 'api',
  about:
    'requests a second of GET /v1/images/:id, beside Koa and pg alone with the same select; share of each layer in the time of the processor',
  async run() {
    const services = await startServices();
    try {
      const target = await makeImage(services);
      const kinds = [
        { bare: true, without: null },
        { bare: false, without: null },
        ...LAYERS.map((without) => ({ bare: false, without })),
      ];
      const rates = new Map(kinds.map((kind) => [kind, [] as Figure[]]));
      for (let round = 0; round < ROUNDS; round++) {
        for (const [kind, figures] of rates) figures.push(await measure(services, target, kind));
      }
      const [bare = NONE, full = NONE, ...less] = [...rates.values()].map(leastDisturbed);
      return [
        result('everything on', 'requests/s', full.rate, bare.rate, '>= 0.3'),
        result('everything on, processor', 'ms/request', full.cpuMs, bare.cpuMs, null),
        ...LAYERS.map((layer, n): Result => {
          const share = 100 * (1 - (less[n]?.cpuMs ?? full.cpuMs) / full.cpuMs);
          return result(`share of ${layer}`, '% of the processor', share, null, null);
        }),
      ];
    } finally {
      await services.close();
    }
  },
};
