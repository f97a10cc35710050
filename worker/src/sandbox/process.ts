import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { parse } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from './environment.ts';
import { loaderArguments } from './location.ts';
import { offerToKernel, residentBytes } from './memory.ts';
import {
  type ChildMessage,
  createLineReader,
  encodeLine,
  parseChildMessage,
  type RunMessage,
} from './protocol.ts';

export interface ProcessOptions {
  /** Module that exports `loadEngine`. */
  readonly registry: URL;
  /** Entry of the child. */
  readonly entry: URL;
  readonly memoryMb: number;
  readonly env: Readonly<Record<string, string>>;
  /** Where resident memory is read: by the parent from procfs, or in the child itself. */
  readonly memorySource: 'procfs' | 'child';
}

export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The end of what it wrote to stderr. */
  readonly stderr: string;
}

interface ProcessListener {
  readonly onMessage: (message: ChildMessage) => void;
  /** Broke the protocol; the child is to be ended. */
  readonly onNonsense: (reason: string) => void;
  readonly onBytes: (count: number) => void;
}

const STDERR_MAX = 4096;
/** A child that is asked to end writes its coverage first, if that is measured. */
const RETIRE_MS = 3000;
/** Part of the memory that JavaScript objects may take; pixels live outside the heap. */
const HEAP_SHARE = 0.75;

/** One child and the lines between it and the pool. */
export class EngineProcess {
  readonly pid: number;
  readonly exited: Promise<ProcessExit>;
  readonly #child: ChildProcess;
  readonly #wire: Socket;
  readonly #listener: ProcessListener;
  readonly #readMemory: () => number | null;
  #reportedMemory: number | null = null;
  #stderr = '';

  constructor(options: ProcessOptions, listener: ProcessListener) {
    this.#listener = listener;
    this.#child = start(options);
    this.exited = this.#whenExited();
    const wire = this.#child.stdio[3];
    if (!(wire instanceof Socket)) throw new Error('the child has no wire');
    this.#wire = wire;
    this.pid = this.#child.pid ?? -1;
    this.#readMemory =
      options.memorySource === 'procfs' ? () => residentBytes(this.pid) : () => this.#reportedMemory;
    offerToKernel(this.pid);
    this.#listen();
    this.#letParentEnd();
  }

  /** Bytes; null when not known. */
  get memory(): number | null {
    return this.#readMemory();
  }

  send(message: RunMessage): void {
    this.#wire.write(encodeLine(message));
  }

  /** Ends it at once; a job that runs is lost. */
  kill(): void {
    this.#child.ref();
    this.#child.kill('SIGKILL');
  }

  /** Asks an idle child to end, and ends it when it does not. Resolves when it is gone. */
  async retire(): Promise<void> {
    const refused = setTimeout(() => this.kill(), RETIRE_MS);
    this.#wire.end();
    await this.exited;
    clearTimeout(refused);
  }

  /** An idle child does not keep its parent from ending; a job does that by its timer. */
  #letParentEnd(): void {
    this.#child.unref();
    for (const stream of [this.#wire, this.#child.stderr]) if (stream instanceof Socket) stream.unref();
  }

  #listen(): void {
    const readLines = createLineReader();
    this.#wire.on('data', (chunk: Buffer) => {
      this.#listener.onBytes(chunk.length);
      try {
        for (const line of readLines(chunk)) this.#receive(parseChildMessage(line));
      } catch (error) {
        this.#listener.onNonsense(error instanceof Error ? error.message : String(error));
      }
    });
    // A child that dies while it is written to resets the connection; its exit says the rest.
    this.#wire.on('error', () => undefined);
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString('utf8')).slice(-STDERR_MAX);
    });
  }

  #receive(message: ChildMessage): void {
    if (message.type === 'memory') this.#reportedMemory = message.bytes;
    else this.#listener.onMessage(message);
  }

  #whenExited(): Promise<ProcessExit> {
    return new Promise((resolve) => {
      // 'close' comes after the last byte of the wire and of stderr.
      this.#child.once('close', (code, signal) => resolve({ code, signal, stderr: this.#stderr }));
      this.#child.once('error', (error) => resolve({ code: null, signal: null, stderr: error.message }));
    });
  }
}

function start(options: ProcessOptions): ChildProcess {
  const { registry, entry, memoryMb, env, memorySource } = options;
  const script = fileURLToPath(entry);
  const reporting = memorySource === 'child' ? ['report-memory'] : [];
  return spawn(
    process.execPath,
    [
      `--max-old-space-size=${Math.floor(memoryMb * HEAP_SHARE)}`,
      ...loaderArguments(entry),
      script,
      registry.href,
      String(process.pid),
      ...reporting,
    ],
    {
      // The root: no relative path of an engine can reach what the parent works on.
      cwd: parse(script).root,
      env: childEnvironment(process.env, env),
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      windowsHide: true,
    },
  );
}
