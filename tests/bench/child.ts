import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface Child {
  readonly process: ChildProcess;
  /** Its message of type `ready`. */
  readonly ready: unknown;
  /** Resolves with the next message of this type. */
  next<T>(type: string): Promise<T>;
  stop(): Promise<void>;
}

/** Another process of a benchmark: a file of this folder, given its settings as JSON. */
export async function startChild(file: string, settings: object): Promise<Child> {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), [JSON.stringify(settings)], {
    execArgv: ['--conditions=stager-dev'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  const next = <T>(type: string): Promise<T> =>
    new Promise((resolve, reject) => {
      const end = () => {
        child.off('message', onMessage);
        child.off('exit', onExit);
      };
      const onMessage = (message: { type?: unknown }) => {
        if (message.type !== type) return;
        end();
        // What a file of this folder sends under that type.
        resolve(message as T);
      };
      const onExit = (code: number | null) => {
        end();
        reject(new Error(`${file} ended with ${code}`));
      };
      child.on('message', onMessage);
      child.on('exit', onExit);
    });
  const ready = await next<unknown>('ready');
  return {
    process: child,
    ready,
    next,
    async stop() {
      child.send('stop');
      const patience = setTimeout(() => child.kill('SIGKILL'), 15_000);
      await exited;
      clearTimeout(patience);
    },
  };
}
