import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { findEngine } from '@stager/server/core/engines/catalogue';
import type { ClaimedJob, Failure, JobStore, Objects } from '@stager/server/ports';
import { loadEngine } from '../engines/registry.ts';
import { EngineError, type EngineInput, type EngineOutput, type EngineResult } from '../engines/types.ts';
import type { SandboxPool } from '../sandbox/pool.ts';
import { removeOutputs, sha256File, storeOutputs } from './outputs.ts';
import { decideFailure } from './policy.ts';
import type { WorkDirs } from './workDirs.ts';

/** Why a job was stopped from outside: its lease is gone, or the worker leaves. */
export type StopReason = 'lease_lost' | 'drain';

export interface JobDeps {
  readonly jobs: Pick<JobStore, 'complete' | 'fail' | 'release' | 'progress'>;
  readonly objects: Objects;
  readonly sandbox: Pick<SandboxPool, 'run'>;
  readonly dirs: Pick<WorkDirs, 'make' | 'remove'>;
  readonly log: JobLog;
  /** Called when something was written that a relay can hand on. */
  readonly kick: () => void;
  readonly random: () => number;
  readonly now: () => number;
}

export interface JobLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** Milliseconds between two reports of progress. */
const PROGRESS_MS = 1_000;

/** Does one job to its end, whatever that is. Never throws for a reason that lies in the job. */
export async function processJob(deps: JobDeps, job: ClaimedJob, signal: AbortSignal): Promise<void> {
  const fields = { jobId: job.id, imageId: job.imageId, accountId: job.accountId, attempt: job.attempt };
  const started = deps.now();
  const dir = await deps.dirs.make();
  try {
    const outputs = await runAndStore(deps, job, dir, signal);
    deps.log.info({ ...fields, ms: deps.now() - started, outputs }, outputs === null ? 'lease lost' : 'done');
  } catch (error) {
    if (signal.aborted) await giveBack(deps, job, signal, fields);
    else await recordFailure(deps, job, error, fields);
  } finally {
    await deps.dirs.remove(dir);
    deps.kick();
  }
}

/** @returns the number of outputs published, or null when the lease was gone and nothing was */
async function runAndStore(
  deps: JobDeps,
  job: ClaimedJob,
  dir: string,
  signal: AbortSignal,
): Promise<number | null> {
  const originalPath = await fetchOriginal(deps.objects, job, dir, signal);
  const result = await runEngine(deps, job, originalPath, dir, signal);
  try {
    const rows = await storeOutputs(deps.objects, job, result.outputs, signal);
    if (await deps.jobs.complete(job, rows)) return rows.length;
  } catch (error) {
    await discard(deps, job, result.outputs);
    throw error;
  }
  await discard(deps, job, result.outputs);
  return null;
}

function discard(deps: JobDeps, job: ClaimedJob, outputs: readonly EngineOutput[]): Promise<void> {
  return removeOutputs(deps.objects, job, outputs);
}

/** The bytes are those that were verified when the upload was finalized, or nothing decodes them. */
async function fetchOriginal(
  objects: Objects,
  job: ClaimedJob,
  dir: string,
  signal: AbortSignal,
): Promise<string> {
  const stream = await objects.open({ bucket: 'photos', key: job.original.objectKey }, signal);
  if (!stream) {
    throw new EngineError('original_missing', 'The original is not in the store.', {
      hint: 'Upload the photo again.',
    });
  }
  const path = join(dir, 'original');
  await pipeline(stream, createWriteStream(path, { mode: 0o600 }), { signal });
  if ((await sha256File(path)) !== job.original.sha256) {
    throw new EngineError('original_corrupt', 'The stored original is not what was uploaded.', {
      hint: 'Upload the photo again.',
    });
  }
  return path;
}

async function runEngine(
  deps: JobDeps,
  job: ClaimedJob,
  originalPath: string,
  workDir: string,
  signal: AbortSignal,
): Promise<EngineResult> {
  const { image, original } = job;
  const descriptor = findEngine(image.engine);
  const input: EngineInput = {
    originalPath,
    contentType: original.contentType,
    width: original.width,
    height: original.height,
    roomType: image.roomType,
    style: image.style,
    seed: image.seed,
    variation: image.variation,
    params: image.params,
  };
  const onProgress = throttledProgress(deps, job);
  if (descriptor.place === 'child') {
    const task = { engine: image.engine, input, workDir, timeoutMs: descriptor.timeoutMs };
    return deps.sandbox.run(task, { signal, onProgress });
  }
  const engine = await loadEngine(image.engine);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(descriptor.timeoutMs)]);
  return engine.run(input, { workDir, signal: limit, progress: onProgress });
}

/** A report at most once a second, and never two at a time: progress must not slow the work down. */
function throttledProgress(deps: JobDeps, job: ClaimedJob): (fraction: number, stage: string) => void {
  let last = deps.now();
  let writing = false;
  return (fraction, stage) => {
    if (writing || deps.now() - last < PROGRESS_MS) return;
    last = deps.now();
    writing = true;
    deps.jobs
      .progress(job, fraction, stage)
      .then(deps.kick, (error: unknown) =>
        deps.log.warn({ jobId: job.id, err: error }, 'progress was not recorded'),
      )
      .finally(() => {
        writing = false;
      });
  };
}

async function giveBack(deps: JobDeps, job: ClaimedJob, signal: AbortSignal, fields: object): Promise<void> {
  // Only StopReasons are given to `abort` by the loop.
  const reason = signal.reason as StopReason;
  const released = reason === 'drain' && (await deps.jobs.release(job).catch(() => false));
  deps.log.info({ ...fields, reason, released }, 'stopped');
}

async function recordFailure(deps: JobDeps, job: ClaimedJob, error: unknown, fields: object): Promise<void> {
  const failure = describeFailure(error);
  const verdict = decideFailure(failure.retryable, job.attempt, job.maxAttempts, deps.random());
  const retryAt = verdict.kind === 'retry' ? new Date(deps.now() + verdict.afterMs) : null;
  const recorded = await deps.jobs.fail(job, failure, retryAt).catch((cause: unknown) => {
    // The lease runs out and the job is taken up again: nothing is lost but time.
    deps.log.warn({ ...fields, err: cause }, 'the failure could not be recorded');
    return false;
  });
  deps.log.warn({ ...fields, code: failure.code, retryAt, recorded, err: error }, 'failed');
}

/** What the owner of the image is told. What is no EngineError is a defect or an outage and says nothing inside. */
function describeFailure(error: unknown): Failure {
  if (error instanceof EngineError) {
    return { code: error.code, message: error.message, hint: error.hint ?? null, retryable: error.retryable };
  }
  return {
    code: 'processing_failed',
    message: 'The photo could not be processed because of a fault on our side.',
    hint: 'Retry the image; if it fails again, send its id to support.',
    retryable: true,
  };
}
