import { Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { type Engine, EngineError } from '../engines/types.ts';
import { besides } from './location.ts';
import { createLineReader, encodeLine, type RunMessage, type SentMessage, WIRE_FD } from './protocol.ts';

/**
 * Entry of a sandbox child: runs one job after the other. Arguments: URL of the engine registry, pid of the
 * parent, and whether to report memory. All of them come from the pool, none from a job.
 */

type Load = (name: string) => Promise<Engine>;

const MEMORY_INTERVAL_MS = 100;
const MESSAGE_MAX = 2000;
const DETAIL_MAX = 8000;

const [registryUrl = '', parentPid = '', reportMemory = ''] = process.argv.slice(2);
const wire = new Socket({ fd: WIRE_FD });

function send(message: SentMessage): void {
  wire.write(encodeLine(message));
}

async function runJob(load: Load, { id, engine: name, input, workDir }: RunMessage): Promise<void> {
  try {
    const engine = await load(name);
    if (engine.descriptor.place !== 'child') {
      throw new EngineError('unknown_engine', `The engine ${name} does not run in a child process.`);
    }
    const progress = (fraction: number, stage: string) => send({ type: 'progress', id, fraction, stage });
    // The parent aborts by ending this process, so the signal stays quiet.
    const result = await engine.run(input, { workDir, signal: new AbortController().signal, progress });
    send({ type: 'done', id, result });
  } catch (error) {
    send({ type: 'failed', id, error: describe(name, error) });
  }
}

function describe(engine: string, error: unknown) {
  const detail = (error instanceof Error ? describeCauses(error) : String(error)).slice(0, DETAIL_MAX);
  if (!(error instanceof EngineError)) {
    const message = `The engine ${engine} failed unexpectedly.`;
    return { code: 'engine_failed', message, retryable: true, detail };
  }
  const { code, message, retryable, hint } = error;
  const words = { code, message: message.slice(0, MESSAGE_MAX), retryable, detail };
  return hint === undefined ? words : { ...words, hint: hint.slice(0, MESSAGE_MAX) };
}

function describeCauses(error: Error): string {
  const own = error.stack ?? error.message;
  return error.cause instanceof Error ? `${own}\ncaused by ${describeCauses(error.cause)}` : own;
}

function listen(load: Load): void {
  const readLines = createLineReader();
  wire.on('data', (chunk: Buffer) => {
    for (const line of readLines(chunk)) {
      // The parent is the trusted side, and of the same build.
      const message = JSON.parse(line) as RunMessage;
      void runJob(load, message);
    }
  });
  // The parent ended the connection, or it is gone.
  wire.on('close', () => process.exit(0));
  wire.on('error', () => process.exit(0));
}

function startGuard(): void {
  if (process.platform === 'win32') return;
  const guard = new Worker(besides('guard', import.meta.url), { workerData: Number(parentPid) });
  guard.unref();
}

function startMemoryReport(): void {
  setInterval(() => send({ type: 'memory', bytes: process.memoryUsage.rss() }), MEMORY_INTERVAL_MS).unref();
}

process.title = 'stager-engine';
// Ctrl-C and a service manager's stop reach the whole group; the parent decides what happens to a running job.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
startGuard();
if (reportMemory === 'report-memory') startMemoryReport();
// The shape of a registry is fixed by the pool's option.
const registry = (await import(registryUrl)) as { readonly loadEngine: Load };
listen(registry.loadEngine);
send({ type: 'ready' });
