import type { EngineResult } from '../engines/types.ts';
import { besides } from './location.ts';
import { Queue } from './queue.ts';
import { aborted, type OnProgress, type SandboxLog, type SandboxTask, Slot } from './slot.ts';

export type { SandboxLog, SandboxTask } from './slot.ts';

export interface SandboxPoolOptions {
  /** Jobs that run at the same time, each in a process of its own. */
  readonly size: number;
  /** Resident memory of one process, MiB, with the runtime itself. */
  readonly memoryMb: number;
  /** Variables that children get beside the few that every process needs. Nothing else of the parent reaches them. */
  readonly env?: Readonly<Record<string, string>>;
  readonly log?: SandboxLog;
  /** Jobs after which a process is replaced, against slow leaks in native code. Default 200. */
  readonly jobsPerChild?: number;
  /** Module that exports `loadEngine`. Default: the engines of this package. */
  readonly registry?: URL;
  /** Module that the children run, for builds that move it. Default: `child` beside this module. */
  readonly entry?: URL;
  /** Longest start of a process, milliseconds. Default 30,000. */
  readonly startTimeoutMs?: number;
  /** Where memory is measured. Default: procfs on Linux; elsewhere the child reports, which it cannot do while it computes. */
  readonly memorySource?: 'procfs' | 'child';
}

export interface SandboxRunOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
}

export interface SandboxPool {
  /**
   * Waits for a free process and runs one job in it. Resolves with real paths inside `workDir`. Rejects with
   * `EngineError`: what the engine threw, or `engine_crashed`, `engine_timeout`, `engine_aborted` (all retryable),
   * `engine_out_of_memory`, `engine_bad_output`. When it rejects, no process writes to `workDir` any more,
   * unless the engine itself gave the error.
   */
  run(task: SandboxTask, options?: SandboxRunOptions): Promise<EngineResult>;
  /** Starts every process now instead of at its first job. */
  prewarm(): Promise<void>;
  /** Aborts what waits and what runs, and resolves when all processes are gone. */
  close(): Promise<void>;
}

const QUIET: SandboxLog = { debug: () => undefined, warn: () => undefined };
const NEVER = new AbortController().signal;

export function createSandboxPool(options: SandboxPoolOptions): SandboxPool {
  const slotOptions = {
    registry: options.registry ?? besides('../engines/registry', import.meta.url),
    entry: options.entry ?? besides('child', import.meta.url),
    memoryMb: options.memoryMb,
    env: options.env ?? {},
    memorySource: options.memorySource ?? (process.platform === 'linux' ? 'procfs' : 'child'),
    jobsPerChild: options.jobsPerChild ?? 200,
    startTimeoutMs: options.startTimeoutMs ?? 30_000,
    log: options.log ?? QUIET,
  } as const;
  const slots = Array.from({ length: options.size }, () => new Slot(slotOptions));
  const free = [...slots];
  const queue = new Queue<Slot>();
  const closing = new AbortController();

  function acquire(signal: AbortSignal): Slot | Promise<Slot> {
    return takeWarmest(free) ?? queue.wait(signal);
  }

  function release(slot: Slot): void {
    if (!queue.handOver(slot)) free.push(slot);
  }

  return {
    async run(task, { signal = NEVER, onProgress = () => undefined } = {}) {
      const either = AbortSignal.any([signal, closing.signal]);
      const slot = await acquire(either);
      try {
        return await slot.run(task, either, onProgress);
      } finally {
        release(slot);
      }
    },
    async prewarm() {
      if (closing.signal.aborted) throw aborted();
      await Promise.all(slots.map((slot) => slot.prewarm()));
    },
    async close() {
      closing.abort();
      await Promise.all(slots.map((slot) => slot.close()));
    },
  };
}

function takeWarmest(free: Slot[]): Slot | undefined {
  const index = free.findIndex((slot) => slot.warm);
  return free.splice(Math.max(0, index), 1)[0];
}
