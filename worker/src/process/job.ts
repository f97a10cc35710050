import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { LoopLog } from '@stager/server/core/relay/loop';
import type { ClaimedJob, JobStore, Objects, OutputRow } from '@stager/server/ports';
import type { EngineInput } from '../engines/types.ts';
import { JobStopped, stopReason } from '../loop/stopped.ts';
import type { SandboxPool } from '../sandbox/pool.ts';
import { describeFailure } from './failure.ts';
import { fetchOriginal } from './original.ts';
import { createOutputStore, type OutputStore } from './outputs.ts';
import { persist, type WriteOutcome } from './persist.ts';
import { decideFailure } from './policy.ts';
import { createProgress } from './progress.ts';
import { type Engines, installedEngines, runEngine } from './run.ts';
import type { WorkDirs } from './workDirs.ts';

export interface JobDeps {
  readonly jobs: Pick<JobStore, 'complete' | 'fail' | 'release' | 'progress'>;
  readonly objects: Pick<Objects, 'open' | 'write' | 'remove'>;
  readonly sandbox: Pick<SandboxPool, 'run'>;
  readonly dirs: Pick<WorkDirs, 'make' | 'remove'>;
  readonly log: LoopLog;
  /** Called when something was written that a relay can hand on. */
  readonly kick: () => void;
  readonly maxPixels: number;
  /** Default: those of this build. */
  readonly engines?: Engines;
  readonly random?: () => number;
}

/** Longest transfer of an original or of all outputs, milliseconds. */
const TRANSFER_MS = 120_000;

interface Attempt extends JobDeps {
  readonly job: ClaimedJob;
  /** Aborted with `JobStopped`. */
  readonly signal: AbortSignal;
  readonly outputs: OutputStore;
}

/** Does one job to its end, whatever that is. The lease fences every write; what it made without one it takes back. */
export async function processJob(deps: JobDeps, job: ClaimedJob, lease: AbortSignal): Promise<void> {
  const lost = new AbortController();
  const signal = AbortSignal.any([lease, lost.signal]);
  const fields = { jobId: job.id, imageId: job.imageId, accountId: job.accountId, attempt: job.attempt };
  const started = performance.now();
  const attempt: Attempt = { ...deps, job, signal, outputs: createOutputStore(deps.objects, job) };
  let dir: string | undefined;
  try {
    dir = await deps.dirs.make();
    const rows = await makeOutputs(attempt, dir, () => lost.abort(new JobStopped('lease_lost')));
    const outcome = await publish(attempt, rows);
    const ms = Math.round(performance.now() - started);
    deps.log.info({ ...fields, outcome, outputs: rows.length, ms }, 'job ended');
  } catch (error) {
    await attempt.outputs.discard();
    const end = { ...fields, ...(await settle(attempt, error)) };
    if (signal.aborted) deps.log.info(end, 'job stopped');
    else deps.log.warn({ ...end, err: error }, 'job failed');
  } finally {
    if (dir !== undefined) await deps.dirs.remove(dir);
    deps.kick();
  }
}

async function makeOutputs(attempt: Attempt, dir: string, onLost: () => void): Promise<OutputRow[]> {
  const { jobs, objects, sandbox, engines = installedEngines, job, signal, maxPixels, log, kick } = attempt;
  const { original, image } = job;
  const originalPath = await fetchOriginal({ objects, original, dir, maxPixels, signal: limited(signal) });
  const workDir = join(dir, 'out');
  await mkdir(workDir, { mode: 0o700 });
  const progress = createProgress({
    write: async (fraction, stage) => {
      const held = await jobs.progress(job, fraction, stage);
      kick();
      return held;
    },
    onLost,
    log,
  });
  try {
    const input = toInput(job, originalPath);
    const onProgress = progress.report;
    const result = await runEngine({
      engines,
      sandbox,
      engine: image.engine,
      input,
      workDir,
      signal,
      onProgress,
    });
    return await attempt.outputs.store(result.outputs, limited(signal));
  } finally {
    await progress.stop();
  }
}

function toInput({ image, original, layout }: ClaimedJob, originalPath: string): EngineInput {
  const { contentType, width, height } = original;
  const { roomType, style, seed, variation, params } = image;
  const given = layout === null ? {} : { layout };
  return { originalPath, contentType, width, height, roomType, style, seed, variation, params, ...given };
}

async function publish(
  { jobs, job, signal, outputs, random }: Attempt,
  rows: readonly OutputRow[],
): Promise<WriteOutcome> {
  const outcome = await persist(() => jobs.complete(job, rows), signal, random);
  // After `unknown` they may be the image's: an orphan is found by reconciliation, a lost picture by nobody.
  if (outcome === 'lost') await outputs.discard();
  return outcome;
}

/** Records what became of an attempt that did not succeed. Never throws: the lease runs out and heals the rest. */
async function settle(attempt: Attempt, error: unknown): Promise<object> {
  const { jobs, job, signal, log, random = Math.random } = attempt;
  const failure = describeFailure(error);
  const { retryable } = failure;
  const stopped = stopReason(signal);
  const verdict = decideFailure(
    { stopped, retryable, attempt: job.attempt, maxAttempts: job.maxAttempts },
    random(),
  );
  const write = () => {
    if (verdict.kind === 'leave') return Promise.resolve(false);
    if (verdict.kind === 'release') return jobs.release(job);
    return jobs.fail(job, failure, verdict.kind === 'retry' ? new Date(Date.now() + verdict.afterMs) : null);
  };
  try {
    return { verdict, stopped, code: failure.code, outcome: await persist(write, signal, random) };
  } catch (cause) {
    log.warn({ jobId: job.id, err: cause }, 'the end of a job could not be recorded');
    return { verdict, stopped, code: failure.code };
  }
}

function limited(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(TRANSFER_MS)]);
}
