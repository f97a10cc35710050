import { realpath } from 'node:fs/promises';
import { EngineError, type EngineInput, type EngineOutput, type EngineResult } from '../engines/types.ts';
import { verifyOutputs } from './outputs.ts';
import { EngineProcess, type ProcessExit, type ProcessOptions } from './process.ts';
import { type ChildMessage, JOB_BYTES_MAX } from './protocol.ts';

export interface SandboxTask {
  readonly engine: string;
  readonly input: EngineInput;
  /** Private directory of this job; it exists, and outputs are looked for in it alone. */
  readonly workDir: string;
  /** Counted from the moment that a child has the job. */
  readonly timeoutMs: number;
}

export interface SandboxLog {
  debug(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface SlotOptions extends ProcessOptions {
  readonly jobsPerChild: number;
  readonly startTimeoutMs: number;
  readonly log: SandboxLog;
}

export type OnProgress = (fraction: number, stage: string) => void;

interface Job {
  readonly id: number;
  readonly onProgress: OnProgress;
  readonly resolve: (result: EngineResult) => void;
  readonly reject: (error: EngineError) => void;
  bytes: number;
}

const MEMORY_INTERVAL_MS = 50;
const BYTES_PER_MB = 1024 * 1024;

/** A place for one job at a time. Its child is started when it is needed and replaced after it died. */
export class Slot {
  readonly #options: SlotOptions;
  #process: EngineProcess | null = null;
  #ready = Promise.withResolvers<void>();
  #job: Job | null = null;
  /** Why the child was ended, when we ended it. */
  #verdict: EngineError | null = null;
  #jobsDone = 0;
  #nextId = 1;

  constructor(options: SlotOptions) {
    this.#options = options;
  }

  /** Whether the next job finds a running child. */
  get warm(): boolean {
    return this.#process !== null;
  }

  /** Rejects with `engine_crashed` when the child does not start. */
  async prewarm(): Promise<void> {
    this.#process ??= this.#start();
    const tooLate = setTimeout(() => {
      this.#end(crashed(`did not start within ${this.#options.startTimeoutMs} ms`));
    }, this.#options.startTimeoutMs);
    try {
      await this.#ready.promise;
    } finally {
      clearTimeout(tooLate);
    }
  }

  async run(task: SandboxTask, signal: AbortSignal, onProgress: OnProgress): Promise<EngineResult> {
    const abort = () => this.#end(aborted());
    signal.addEventListener('abort', abort, { once: true });
    try {
      // Resolved before the job: a child could put a link in the place of its directory.
      const root = await realpath(task.workDir);
      // Before this there was perhaps no process that the abort could have ended.
      if (signal.aborted) throw aborted();
      await this.prewarm();
      const { outputs, info } = await this.#runInChild(task, onProgress);
      return { outputs: await this.#verify(root, outputs), info };
    } finally {
      signal.removeEventListener('abort', abort);
      await this.#recycle();
    }
  }

  /** Ends the child, and with it a job that runs. */
  async close(): Promise<void> {
    const { exited } = this.#process ?? {};
    if (this.#job) this.#end(aborted());
    else await this.#retire();
    await exited;
  }

  async #runInChild(task: SandboxTask, onProgress: OnProgress): Promise<EngineResult> {
    const { engine, input, workDir, timeoutMs } = task;
    const { promise, resolve, reject } = Promise.withResolvers<EngineResult>();
    // The child may have gone between its start and now; then there is a verdict or a crash to report.
    if (!this.#process) throw this.#verdict ?? crashed('ended before the job began');
    const id = this.#nextId++;
    this.#job = { id, onProgress, resolve, reject, bytes: 0 };
    const timer = setTimeout(() => this.#end(timedOut(engine, timeoutMs)), timeoutMs);
    const watch = setInterval(() => this.#checkMemory(), MEMORY_INTERVAL_MS);
    try {
      this.#process.send({ type: 'run', id, engine, input, workDir });
      return await promise;
    } finally {
      clearTimeout(timer);
      clearInterval(watch);
      this.#job = null;
    }
  }

  /** A child that gives a result as no honest engine does is not used again. */
  async #verify(root: string, outputs: readonly EngineOutput[]): Promise<EngineOutput[]> {
    try {
      return await verifyOutputs(root, outputs);
    } catch (error) {
      const child = this.#process;
      if (error instanceof EngineError) this.#end(error);
      await child?.exited;
      throw error;
    }
  }

  #start(): EngineProcess {
    this.#ready = Promise.withResolvers();
    // Nobody may be waiting when an idle child dies.
    this.#ready.promise.catch(() => undefined);
    this.#verdict = null;
    this.#jobsDone = 0;
    const child = new EngineProcess(this.#options, {
      onMessage: (message) => this.#receive(message),
      onNonsense: (reason) => this.#endForNonsense(reason),
      onBytes: (count) => this.#countBytes(count),
    });
    void child.exited.then((exit) => this.#buryChild(child, exit));
    this.#options.log.debug({ pid: child.pid }, 'engine process started');
    return child;
  }

  #receive(message: ChildMessage): void {
    // A child that is being ended has nothing more to say.
    if (this.#verdict) return;
    const job = this.#job;
    if (message.type === 'ready') this.#ready.resolve();
    // What a child says of another job came too late.
    else if (!job || message.type === 'memory' || message.id !== job.id) return;
    else if (message.type === 'progress') job.onProgress(message.fraction, message.stage);
    else if (message.type === 'done') job.resolve(message.result);
    else job.reject(this.#translate(message.error));
  }

  #translate(failure: Extract<ChildMessage, { type: 'failed' }>['error']): EngineError {
    const { code, message, retryable, hint, detail } = failure;
    this.#options.log.warn({ pid: this.#process?.pid, code, detail }, 'engine failed');
    return new EngineError(code, message, hint === undefined ? { retryable } : { retryable, hint });
  }

  #countBytes(count: number): void {
    if (!this.#job) return;
    this.#job.bytes += count;
    if (this.#job.bytes > JOB_BYTES_MAX) this.#endForNonsense(`it sent more than ${JOB_BYTES_MAX} bytes`);
  }

  #endForNonsense(reason: string): void {
    this.#options.log.warn({ pid: this.#process?.pid, reason }, 'engine process broke the protocol');
    this.#end(crashed('broke the protocol'));
  }

  #checkMemory(): void {
    const { memoryMb } = this.#options;
    const bytes = this.#process?.memory ?? 0;
    if (bytes > memoryMb * BYTES_PER_MB) this.#end(outOfMemory(memoryMb));
  }

  /** The first reason counts; the job learns of it when the child is gone, and its directory is quiet. */
  #end(reason: EngineError): void {
    if (!this.#process) return;
    this.#verdict ??= reason;
    this.#process.kill();
  }

  #buryChild(child: EngineProcess, exit: ProcessExit): void {
    const { log, memoryMb } = this.#options;
    const reason = this.#verdict ?? explainExit(exit, memoryMb);
    const expected = this.#verdict !== null || (this.#job === null && exit.code === 0);
    if (!expected) log.warn({ pid: child.pid, ...exit }, 'engine process ended by itself');
    if (this.#process === child) this.#process = null;
    this.#ready.reject(reason);
    this.#job?.reject(reason);
  }

  async #recycle(): Promise<void> {
    const { jobsPerChild, memoryMb } = this.#options;
    this.#jobsDone += 1;
    const bytes = this.#process?.memory ?? 0;
    if (wornOut({ jobs: this.#jobsDone, bytes }, { jobsPerChild, memoryMb })) await this.#retire();
  }

  async #retire(): Promise<void> {
    const child = this.#process;
    this.#process = null;
    await child?.retire();
  }
}

/**
 * Whether an idle child is replaced: after enough jobs, against leaks in native code, or when what earlier jobs
 * left behind would be held against the next one.
 */
export function wornOut(
  used: { readonly jobs: number; readonly bytes: number },
  limits: { readonly jobsPerChild: number; readonly memoryMb: number },
): boolean {
  return used.jobs >= limits.jobsPerChild || used.bytes > (limits.memoryMb * BYTES_PER_MB) / 2;
}

/** Why a child that was not ended by us is gone. */
export function explainExit(exit: ProcessExit, memoryMb: number): EngineError {
  if (/heap out of memory|bad_alloc/i.test(exit.stderr)) return outOfMemory(memoryMb);
  return crashed(exit.signal ? `ended by ${exit.signal}` : `ended with code ${exit.code}`);
}

function crashed(how: string): EngineError {
  return new EngineError('engine_crashed', `The engine process ${how}.`, { retryable: true });
}

function outOfMemory(memoryMb: number): EngineError {
  return new EngineError('engine_out_of_memory', `The photo needed more than ${memoryMb} MiB of memory.`, {
    hint: 'Export it smaller and upload it again, or give the worker more memory.',
  });
}

function timedOut(engine: string, timeoutMs: number): EngineError {
  return new EngineError('engine_timeout', `The engine ${engine} did not finish within ${timeoutMs} ms.`, {
    retryable: true,
  });
}

export function aborted(): EngineError {
  return new EngineError('engine_aborted', 'The job was aborted.', { retryable: true });
}
