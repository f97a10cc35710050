import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { baseConfig, ConfigError, readConfig } from '@stager/server/infra/config';
import { createPostgresJobStore } from '@stager/server/infra/postgres/index';
import type { DeadFilter, DeadJob, JobStore } from '@stager/server/ports';

const USAGE = `Usage: jobs dead [--code CODE] [--account ID] [--limit N] [--json]
       jobs replay ID...
       jobs replay --code CODE [--account ID] [--limit N]
  dead    lists jobs that have ended for good and whose image has failed, newest first
  replay  queues them again, with all their attempts; every one is audited
Environment:
  STAGER_DATABASE_URL  connection as stager_worker`;

const DEFAULT_LIMIT = 100;
/** Jobs of one transaction. */
const BATCH = 100;

class UsageError extends Error {}

type Request =
  | { readonly act: 'dead'; readonly filter: DeadFilter; readonly json: boolean }
  | { readonly act: 'replay'; readonly ids: readonly string[]; readonly filter: DeadFilter };

function parse(args: string[]): Request {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      code: { type: 'string' },
      account: { type: 'string' },
      limit: { type: 'string', default: String(DEFAULT_LIMIT) },
      json: { type: 'boolean', default: false },
    },
  });
  const [act, ...ids] = positionals;
  const limit = Number(values.limit);
  if (!Number.isInteger(limit) || limit < 1) throw new UsageError('--limit takes a whole number from 1.');
  const filter = { code: values.code, accountId: values.account, limit };
  if (act === 'dead' && ids.length === 0) return { act, filter, json: values.json };
  if (act !== 'replay') throw new UsageError(USAGE);
  // Everything at once is seldom meant: what failed for good reasons fails again.
  if (ids.length > 0 === (filter.code !== undefined)) throw new UsageError(`Give ids, or --code.\n${USAGE}`);
  return { act, ids, filter };
}

async function run(jobs: JobStore, request: Request): Promise<void> {
  if (request.act === 'dead') {
    const dead = await jobs.listDead(request.filter);
    if (request.json) say(JSON.stringify(dead));
    else for (const job of dead) say(describe(job));
    return;
  }
  const ids =
    request.ids.length > 0 ? request.ids : (await jobs.listDead(request.filter)).map(({ id }) => id);
  const replayed: string[] = [];
  for (let from = 0; from < ids.length; from += BATCH) {
    replayed.push(...(await jobs.replay(ids.slice(from, from + BATCH), `host:${userInfo().username}`)));
  }
  for (const id of replayed) say(id);
  const left = ids.filter((id) => !replayed.includes(id));
  if (left.length > 0) throw new Error(`Not dead, or busy at the moment: ${left.join(', ')}`);
}

function describe({ id, accountId, imageId, attempts, error, diedAt }: DeadJob): string {
  const minutes = Math.round((Date.now() - diedAt.getTime()) / 60_000);
  return [
    id,
    accountId,
    imageId,
    `${attempts} attempts`,
    `${minutes} min ago`,
    error.code,
    error.message,
  ].join('  ');
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

try {
  const request = parse(process.argv.slice(2));
  const { STAGER_DATABASE_URL: url } = readConfig(
    baseConfig.pick({ STAGER_DATABASE_URL: true }),
    process.env,
  );
  const jobs = createPostgresJobStore({ url, pool: 1, applicationName: 'stager-jobs' });
  await run(jobs, request).finally(() => jobs.close());
} catch (error) {
  const usage = error instanceof UsageError || error instanceof ConfigError || error instanceof TypeError;
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = usage ? 2 : 1;
}
