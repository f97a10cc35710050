import type { Worker } from 'node:worker_threads';
import { hashNow } from './read.ts';

/** Below this a thread would take longer to start than it saves. */
const WORTH_BYTES = 32 * 1024 * 1024;

// As text: whoever bundles the SDK has no second file to carry along.
const THREAD = `
  const { parentPort } = require('node:worker_threads');
  const { createHash } = require('node:crypto');
  parentPort.on('message', (bytes) => parentPort.postMessage(createHash('sha256').update(bytes).digest('hex')));
`;

interface Asked {
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  readonly resolve: (sha256: string) => void;
}

/** Hashes photos beside the work of the network; until its thread has started, and when there is none, in place. */
export class Hasher {
  #thread: Worker | undefined;
  #online = false;
  /** In the order of the answers. */
  readonly #asked: Asked[] = [];
  #closed = false;

  /** @param bytes of all photos: for few of them no thread is started */
  constructor(bytes: number) {
    if (bytes >= WORTH_BYTES) void this.#start().catch(() => this.#lose());
  }

  /** SHA-256, hexadecimal. The memory is shared with the thread, and not to be changed meanwhile. */
  hash(bytes: Uint8Array<SharedArrayBuffer>): Promise<string> {
    if (!this.#online) return Promise.resolve(hashNow(bytes));
    return new Promise((resolve) => {
      this.#asked.push({ bytes, resolve });
      this.#thread?.postMessage(bytes);
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#thread?.terminate();
  }

  async #start(): Promise<void> {
    const { Worker } = await import('node:worker_threads');
    if (this.#closed) return;
    const thread = new Worker(THREAD, { eval: true });
    this.#thread = thread;
    thread.unref();
    thread.once('online', () => {
      this.#online = true;
    });
    thread.on('message', (sha256: string) => this.#asked.shift()?.resolve(sha256));
    thread.once('error', () => this.#lose());
    thread.once('exit', () => this.#lose());
  }

  /** Without the thread things go on, only slower. */
  #lose(): void {
    this.#online = false;
    for (const { bytes, resolve } of this.#asked.splice(0)) resolve(hashNow(bytes));
  }
}
