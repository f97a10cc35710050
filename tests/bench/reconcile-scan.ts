import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { newId } from '../../server/src/core/ids.ts';
import type { AdminStore } from '../../server/src/ports/index.ts';
import type { WorkerConfig } from '../../worker/src/config.ts';
import { startRuns, type ToRuns } from '../../worker/src/reconcile/process.ts';

const SAMPLE_MS = 250;
const MB = 1024 * 1024;
/** What was seeded is old enough to conclude from. */
const AHEAD_MS = 30 * 60 * 60_000;

export interface Scanned {
  readonly runId: string;
  readonly ms: number;
  /** Resident memory, four times a second, MB. */
  readonly samples: readonly number[];
  /** Its highest ever, as the kernel knows it. */
  readonly peak: number;
}

/** A dry run as a worker has it made: in the process that it starts for it, to which all is older. Linux only. */
export async function scanApart(admin: AdminStore, config: WorkerConfig, deep: boolean): Promise<Scanned> {
  const runId = newId('rec');
  const scope = { projectId: null, accountId: null, kinds: null, since: null, deep };
  await admin.transaction((tx) => tx.reconcile.create(runId, { ...scope, requestedBy: 'bench' }));
  const child = startRuns();
  const exit = once(child, 'exit');
  const samples: number[] = [];
  let peak = 0;
  const sample = () => {
    const { now, highest } = memoryOf(child.pid);
    // One that is ending has none any more.
    if (Number.isNaN(now) || Number.isNaN(highest)) return;
    samples.push(now);
    peak = Math.max(peak, highest);
  };
  const order: ToRuns = { type: 'work', config, aheadMs: AHEAD_MS };
  child.send(order);
  sample();
  const sampler = setInterval(sample, SAMPLE_MS);
  child.once('exit', () => clearInterval(sampler));
  await exit;
  const run = await admin.transaction((tx) => tx.reconcile.get(runId));
  if (!run?.startedAt || !run.finishedAt || !run.checkpoint || run.changesMax === null)
    throw new Error(`the run has ended ${run?.state}: ${run?.reason?.message}`);
  return { runId, ms: run.finishedAt.getTime() - run.startedAt.getTime(), samples, peak };
}

function memoryOf(pid: number | undefined): { now: number; highest: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
  return { now: (kib('VmRSS') * 1024) / MB, highest: (kib('VmHWM') * 1024) / MB };
}
