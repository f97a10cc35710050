import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Examine, Examined } from '../../core/uploads/examine.ts';
import type { Answer, Question } from './protocol.ts';

export interface Examiner {
  readonly examine: Examine;
  close(): Promise<void>;
}

/** Megabytes. What looks at photos holds a few numbers of each: a file that makes it need more is an attack. */
const HEAP_MB = 64;
/** As TypeScript in the sources and as JavaScript in a build. */
const ENTRY = new URL(`./thread${extname(import.meta.url)}`, import.meta.url);

interface Asked {
  readonly resolve: (examined: Examined) => void;
  readonly reject: (error: Error) => void;
}

interface Running {
  readonly thread: Worker;
  readonly asked: Map<number, Asked>;
}

/**
 * Photos are hashed and looked at in a thread of their own: requests are answered meanwhile, however large a photo
 * is, and one that would bring the thread down takes the calls under way with it and nothing else.
 */
export function createExaminer(entry: URL = ENTRY): Examiner {
  let running: Running | undefined;
  let ids = 0;

  function start(): Running {
    const thread = new Worker(entry, { resourceLimits: { maxOldGenerationSizeMb: HEAP_MB } });
    // It never keeps the process from ending: who asks it has a request open.
    thread.unref();
    const asked = new Map<number, Asked>();
    const fail = (cause: Error | undefined) => {
      if (running?.thread === thread) running = undefined;
      for (const { reject } of asked.values()) {
        reject(new Error('the thread that examines photos has ended', { cause }));
      }
      asked.clear();
    };
    thread.on('message', ({ id, examined }: Answer) => {
      asked.get(id)?.resolve(examined);
      asked.delete(id);
    });
    thread.once('error', fail);
    thread.once('exit', () => fail(undefined));
    return { thread, asked };
  }

  return {
    examine(bytes, { sha256, contentType }, limits) {
      running ??= start();
      const { thread, asked } = running;
      ids += 1;
      const id = ids;
      return new Promise((resolve, reject) => {
        asked.set(id, { resolve, reject });
        const announced = { sha256, contentType };
        thread.postMessage({ id, bytes, announced, limits } satisfies Question);
      });
    },

    async close() {
      if (!running) return;
      const { thread } = running;
      const gone = new Promise((resolve) => thread.once('exit', resolve));
      thread.ref();
      thread.postMessage('end');
      await gone;
    },
  };
}
