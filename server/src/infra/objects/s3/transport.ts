import { AsyncLocalStorage } from 'node:async_hooks';
import http, { type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import https from 'node:https';

/** The store answered, and what it said is that it cannot work now. */
export class StoreBusy extends Error {
  override readonly name = 'StoreBusy';
  readonly status: number;
  constructor(status: number) {
    super(`The store answered ${status}.`);
    this.status = status;
  }
}

/** The store was silent for too long. */
export class StoreSilent extends Error {
  override readonly name = 'StoreSilent';
}

export interface Transport {
  readonly request: (options: RequestOptions, onAnswer: (answer: IncomingMessage) => void) => ClientRequest;
  readonly agent: http.Agent;
  /** Runs calls of the client so that the signal ends their requests, and what is left of their answers. */
  under<T>(signal: AbortSignal | undefined, run: () => Promise<T>): Promise<T>;
  close(): void;
}

/**
 * How the `minio` client reaches the store. The client itself knows neither signals nor timeouts, and leaves the body of
 * an answer that it would retry unread, which holds the connection: all of that is done here.
 * @param idleMs longest silence of the store within a request, milliseconds
 */
export function createTransport(secure: boolean, idleMs: number): Transport {
  const library = secure ? https : http;
  const agent = new library.Agent({ keepAlive: true, maxSockets: 64 });
  const signals = new AsyncLocalStorage<AbortSignal | undefined>();
  return {
    agent,
    under: (signal, run) => signals.run(signal, run),
    close: () => agent.destroy(),
    request(options, onAnswer) {
      const signal = signals.getStore();
      const request = library.request({ ...options, ...(signal && { signal }) }, (answer) => {
        const status = answer.statusCode ?? 0;
        if (!isBusy(status)) return onAnswer(answer);
        answer.resume();
        request.destroy(new StoreBusy(status));
      });
      request.setTimeout(idleMs, () =>
        request.destroy(new StoreSilent(`The store was silent for ${idleMs} ms.`)),
      );
      return request;
    },
  };
}

/** 507 is not among them: a store that is full says more in its body. */
export function isBusy(status: number): boolean {
  return status === 408 || status === 429 || (status >= 500 && status !== 501 && status !== 507);
}
