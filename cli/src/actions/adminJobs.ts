import { Admin, type Job, type ListDeadLettersQuery, type ListJobsQuery, type Replayed } from '@stager/sdk';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { EXIT } from '../exit.ts';
import { clean } from '../io/clean.ts';
import { confirm } from '../io/confirm.ts';
import { renderFacts } from '../io/facts.ts';
import type { Rendered, View } from '../io/io.ts';
import { describeFailure } from '../io/renderError.ts';
import { paintState } from '../io/state.ts';
import { count, formatAge } from '../io/text.ts';
import { JOBS, requireId, requireIds } from '../parse.ts';
import { type Changed, changeEach } from './changeEach.ts';
import { DEFAULT_LIMIT, pageSize, renderList, takeUpTo } from './list.ts';

/** Items of one call. */
const BATCH = 100;

export async function listJobs(
  context: Context,
  { limit = DEFAULT_LIMIT, ...query }: Omit<ListJobsQuery, 'cursor'>,
): Promise<Rendered> {
  const admin = new Admin(await context.stager());
  const jobs = admin.jobs({ ...query, limit: pageSize(limit) }, { signal: context.signal });
  const listed = await takeUpTo(jobs, limit);
  return renderList({
    ...listed,
    limit,
    none: 'No jobs.',
    columns: ({ style }) => [
      { title: 'JOB' },
      { title: 'STATE', paint: (text, row) => paintJob(listed.found[row]?.state, text, style) },
      { title: 'TRIES' },
      { title: 'ERROR', flexible: true },
      { title: 'CREATED', paint: style.dim },
    ],
    row: ({ id, state, attempt, maxAttempts, error, createdAt }, now) => [
      id,
      state,
      `${attempt}/${maxAttempts}`,
      clean(error?.code ?? ''),
      formatAge(createdAt, now),
    ],
  });
}

/** In the colours of the images' states. */
function paintJob(state: Job['state'] | undefined, text: string, style: View['style']): string {
  const like = {
    queued: 'queued',
    running: 'processing',
    done: 'ready',
    dead: 'error',
    canceled: 'canceled',
  } as const;
  return paintState(state && like[state], text, style);
}

export async function showJob(context: Context, word: string): Promise<Rendered> {
  const id = requireId(JOBS, word);
  const job = await new Admin(await context.stager()).job(id, { signal: context.signal });
  return { json: () => job, text: (view) => describeJob(job, view) };
}

function describeJob(job: Job, view: View): string {
  const { style } = view;
  const rows: [string, string][] = [
    ['Job', style.bold(job.id)],
    ['State', paintJob(job.state, job.state, style)],
    ['Account', job.accountId],
    ['Image', `${job.imageId}  ${job.imageState ?? 'deleted'}`],
    ['Project', job.projectId ?? ''],
    ['Engine', clean(job.engine)],
    ['Attempts', `${job.attempt} of ${job.maxAttempts}`],
    ['Error', job.error ? `${clean(job.error.message)} (${clean(job.error.code)})` : ''],
    ['Hint', clean(job.error?.hint ?? '')],
    ['Runs', job.state === 'queued' ? job.runAt : ''],
    ['Leased', job.leaseUntil ? `until ${job.leaseUntil}` : ''],
    ['Created', job.createdAt],
    ['Changed', job.updatedAt],
  ];
  return renderFacts(rows, 10, view);
}

export const retryJobs = (context: Context, words: readonly string[]): Promise<Changed> =>
  changeEach(context, requireIds(JOBS, words), 'queued again', async (client, id, signal) => ({
    state: (await new Admin(client).retryJob(id, { signal })).imageState,
  }));

export async function cancelJobs(context: Context, words: readonly string[], yes: boolean): Promise<Changed> {
  const ids = requireIds(JOBS, words);
  await confirm(context, `Cancel ${count(ids.length, 'job')} of somebody else?`, yes);
  return changeEach(context, ids, 'cancelled', async (client, id, signal) => ({
    state: (await new Admin(client).cancelJob(id, { signal })).imageState,
  }));
}

/** What is said of one item of a call has no more to it. */
const OF_ITEM = { hint: null, requestId: null, docsUrl: null, next: [] };

type DeadOptions = Omit<ListDeadLettersQuery, 'cursor'>;

export async function listDead(
  context: Context,
  { limit = DEFAULT_LIMIT, ...query }: DeadOptions,
): Promise<Rendered> {
  const admin = new Admin(await context.stager());
  const dead = admin.deadLetters({ ...query, limit: pageSize(limit) }, { signal: context.signal });
  return renderList({
    ...(await takeUpTo(dead, limit)),
    limit,
    none: 'No dead letters.',
    columns: ({ style }) => [
      { title: 'JOB' },
      { title: 'CODE', flexible: true, paint: style.red },
      { title: 'MESSAGE', flexible: true },
      { title: 'DIED', paint: style.dim },
    ],
    row: ({ jobId, error, diedAt }, now) => [
      jobId,
      clean(error.code),
      clean(error.message),
      formatAge(diedAt, now),
    ],
  });
}

export async function replayJobs(
  context: Context,
  words: readonly string[],
  { yes, ...filter }: DeadOptions & { readonly yes: boolean },
): Promise<Changed> {
  const client = await context.stager();
  const admin = new Admin(client);
  const ids = await chooseDead(context, admin, words, filter);
  if (ids.length > 0)
    await confirm(context, `Queue ${count(ids.length, 'job')} again, at no cost to the owners?`, yes);
  const results: Replayed[] = [];
  for (let from = 0; from < ids.length; from += BATCH) {
    const batch = ids.slice(from, from + BATCH);
    results.push(...(await admin.replay(batch, { signal: context.signal })).results);
  }
  const failed = results.some(({ status }) => status === 'error');
  return {
    exit: failed ? EXIT.failed : EXIT.ok,
    result: {
      json: () => ({ results }),
      text: (view) =>
        results
          .map((item) =>
            item.status === 'queued'
              ? `${item.jobId}  ${view.style.green('queued again')}`
              : describeFailure(item.jobId, { ...OF_ITEM, ...item.error }, view),
          )
          .join('\n'),
    },
  };
}

/** Everything at once is seldom meant: what failed for good reasons fails again. */
async function chooseDead(
  context: Context,
  admin: Admin,
  words: readonly string[],
  { limit = BATCH, ...query }: DeadOptions,
): Promise<readonly string[]> {
  if (words.length > 0 === (query.code !== undefined)) {
    throw usageError('Give ids, or --code.', 'stager admin jobs dead shows what has died, and of what.');
  }
  if (words.length > 0) return requireIds(JOBS, words);
  const dead = admin.deadLetters({ ...query, limit: Math.min(limit, BATCH) }, { signal: context.signal });
  const { found } = await takeUpTo(dead, limit);
  if (found.length === 0) context.io.say('No dead letter fits.');
  return found.map(({ jobId }) => jobId);
}
