import { ENGINES, type EngineDescriptor, loadEngine } from '../engines/registry.ts';
import { type Engine, EngineError, type EngineInput, type EngineResult } from '../engines/types.ts';
import type { SandboxPool } from '../sandbox/pool.ts';

/** Which engines there are, and what they are made of when they run in this process. */
export interface Engines {
  find(name: string): EngineDescriptor | undefined;
  load(name: string): Promise<Engine>;
}

export const installedEngines: Engines = {
  find: (name) => ENGINES.find((engine) => engine.name === name),
  load: loadEngine,
};

export interface RunOptions {
  readonly engines: Engines;
  readonly sandbox: Pick<SandboxPool, 'run'>;
  readonly engine: string;
  readonly input: EngineInput;
  readonly workDir: string;
  readonly signal: AbortSignal;
  readonly onProgress: (fraction: number, stage: string) => void;
}

/** Runs an engine where it belongs, and no longer than it may. Rejects as `Engine.run` does. */
export async function runEngine(options: RunOptions): Promise<EngineResult> {
  const { engines, sandbox, engine, input, workDir, signal, onProgress } = options;
  const descriptor = engines.find(engine);
  if (!descriptor) {
    throw new EngineError('unknown_engine', `This worker has no engine ${JSON.stringify(engine)}.`, {
      hint: 'Deploy the API and the workers from the same version.',
    });
  }
  const { place, timeoutMs } = descriptor;
  if (place === 'child') return sandbox.run({ engine, input, workDir, timeoutMs }, { signal, onProgress });
  const implementation = await engines.load(engine);
  return withinTime(descriptor, signal, (limited) =>
    implementation.run(input, { workDir, signal: limited, progress: onProgress }),
  );
}

/** An engine that ignores its signal must not keep its place for ever, so nobody waits for it beyond that. */
async function withinTime(
  { name, timeoutMs }: EngineDescriptor,
  signal: AbortSignal,
  run: (signal: AbortSignal) => Promise<EngineResult>,
): Promise<EngineResult> {
  const late = new EngineError(
    'engine_timeout',
    `The engine ${name} did not finish within ${timeoutMs} ms.`,
    {
      retryable: true,
    },
  );
  const limit = new AbortController();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(limit.signal.reason);
  limit.signal.addEventListener('abort', onAbort, { once: true });
  const forward = () => limit.abort(signal.reason);
  signal.addEventListener('abort', forward, { once: true });
  const timer = setTimeout(() => limit.abort(late), timeoutMs);
  try {
    signal.throwIfAborted();
    return await Promise.race([run(limit.signal), aborted]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', forward);
    limit.signal.removeEventListener('abort', onAbort);
  }
}
