import type { JobChange, Replayed } from '../../contract/index.ts';
import type { AdminStore, AdminTx, ImageRow, JobRow, RevivedJob } from '../../ports/index.ts';
import type { Tariff } from '../billing/reserve.ts';
import type { Act } from '../context.ts';
import { DomainError, itemError } from '../errors.ts';
import { cancelImage, replayImages, retryImage, tellOfReplay } from '../images/commands.ts';
import { actOn } from './context.ts';

/** Where jobs are looked up: they lead to their accounts. */
type Jobs = Pick<AdminStore, 'transaction'>;

export async function findJob({ jobs }: Pick<AdminTx, 'jobs'>, id: string): Promise<JobRow> {
  const [job] = await jobs.getMany([id]);
  if (!job) throw new DomainError('not_found', `There is no job ${id}.`);
  return job;
}

export async function retryJob(act: Act, jobs: Jobs, tariff: Tariff, id: string): Promise<JobChange> {
  const job = await jobs.transaction((tx) => findJob(tx, id));
  return changed(job, await retryImage(actOn(act, job.accountId), tariff, job.imageId));
}

export async function cancelJob(act: Act, jobs: Jobs, id: string): Promise<JobChange> {
  const job = await jobs.transaction((tx) => findJob(tx, id));
  return changed(job, await cancelImage(actOn(act, job.accountId), job.imageId));
}

function changed({ id, accountId, imageId }: JobRow, { state }: ImageRow): JobChange {
  return { jobId: id, accountId, imageId, imageState: state };
}

/** One result per job, in order. Places in the line before event heads, each in the order of their accounts. */
export async function replayJobs(act: Act, jobs: Jobs, ids: readonly string[]): Promise<Replayed[]> {
  const found = await jobs.transaction((tx) => tx.jobs.getMany([...new Set(ids)]));
  const perAccount = Map.groupBy(found, ({ accountId }) => accountId);
  const revived = new Map<string, readonly RevivedJob[]>();
  for (const accountId of [...perAccount.keys()].sort()) {
    const wanted = (perAccount.get(accountId) ?? []).map(({ id }) => id);
    revived.set(accountId, await replayImages(actOn(act, accountId), wanted));
  }
  for (const [accountId, those] of revived) await tellOfReplay(actOn(act, accountId), those);
  const queued = new Map([...revived.values()].flat().map(({ id, imageId }) => [id, imageId]));
  return ids.map((jobId): Replayed => {
    const imageId = queued.get(jobId);
    if (imageId !== undefined) return { status: 'queued', jobId, imageId };
    const known = found.some(({ id }) => id === jobId);
    return { jobId, ...(known ? NOT_DEAD : itemError('not_found', `There is no job ${jobId}.`)) };
  });
}

const NOT_DEAD = itemError(
  'invalid_state',
  'The job is not dead, its image was deleted or queued again since, or it is held by somebody at the moment.',
);
