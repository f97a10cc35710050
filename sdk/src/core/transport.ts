import { type OperationName, type OperationTypes, operations } from '../generated/operations.ts';
import { VERSION } from '../version.ts';
import { abortable, delay, follow, throwIfAborted } from './abort.ts';
import { ApiPromise, type WithResponse } from './apiPromise.ts';
import { AbortError, ApiError, OptionsError, StagerError, TimeoutError } from './errors.ts';
import { Gate } from './gate.ts';
import { connectionError } from './networkHints.ts';
import { type CallOptions, type Settings, type TokenProvider, whole } from './options.ts';
import { errorOf } from './problem.ts';
import { decideRetry, type Outcome } from './retry.ts';
import { readRateLimit } from './retryAfter.ts';

type Present<T> = { [K in keyof T as T[K] extends undefined ? never : K]: T[K] };
/** What an operation takes: those of `params`, `query` and `body` that it has. */
export type OperationInput<N extends OperationName> = Present<{
  params: OperationTypes[N]['params'];
  body: OperationTypes[N]['body'];
}> &
  (OperationTypes[N]['query'] extends undefined ? unknown : { query?: OperationTypes[N]['query'] });

export interface AnyInput {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: object;
  readonly body?: unknown;
}

interface Call {
  readonly name: OperationName;
  readonly url: string;
  readonly headers: Headers;
  readonly body: string | undefined;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Sends the calls of one client: tokens, retries, timeouts and the gate that all of them share. */
export class Transport {
  readonly settings: Settings;
  readonly gate = new Gate();
  readonly #tokens: TokenProvider | undefined;

  constructor(settings: Settings, tokens: TokenProvider | undefined) {
    this.settings = settings;
    this.#tokens = tokens;
  }

  request<N extends OperationName>(
    name: N,
    input: AnyInput,
    options: CallOptions = {},
  ): ApiPromise<OperationTypes[N]['result']> {
    // The API answers an operation with what the contract says of it; responses are not checked a second time here.
    return new ApiPromise(
      this.#run(name, input, options) as Promise<WithResponse<OperationTypes[N]['result']>>,
    );
  }

  /** A token for one request; undefined where the client has no credentials. */
  async token(rejected?: string): Promise<string | undefined> {
    if (!this.#tokens) return undefined;
    return this.#tokens.getToken(rejected === undefined ? {} : { refresh: true, rejected });
  }

  async #run(name: OperationName, input: AnyInput, options: CallOptions): Promise<WithResponse<unknown>> {
    const { method } = operations[name];
    const call = this.#prepare(name, input, options);
    const maxRetries = whole(options.maxRetries ?? this.settings.maxRetries, 'maxRetries');
    const repeatable = method !== 'POST' || call.headers.has('idempotency-key');
    for (let retries = 0; ; retries += 1) {
      const result = await this.#attempt(call);
      if (result instanceof StagerError) {
        // A DELETE that was cut off may have worked: then there is nothing left to delete.
        if (retries > 0 && method === 'DELETE' && result.status === 404)
          return done(204, new Headers(), undefined, retries);
        const answer = decideRetry({
          outcome: outcomeOf(result),
          retries,
          maxRetries,
          repeatable,
          random: Math.random(),
        });
        this.#log(call, result, retries);
        if (!answer.retry) throw result;
        if (answer.forAll) this.gate.close(answer.delayMs);
        else await delay(answer.delayMs, call.signal);
        continue;
      }
      this.#log(call, result, retries);
      return done(result.status, result.headers, parseBody(result), retries);
    }
  }

  #prepare(name: OperationName, input: AnyInput, options: CallOptions): Call {
    const operation = operations[name];
    const headers = new Headers({ accept: 'application/json, application/problem+json' });
    headers.set('user-agent', userAgent(this.settings.userAgent));
    const body = operation.body ? JSON.stringify(input.body ?? {}) : undefined;
    if (body !== undefined) headers.set('content-type', 'application/json');
    if (operation.idempotent) headers.set('idempotency-key', options.idempotencyKey ?? crypto.randomUUID());
    for (const [key, value] of Object.entries(options.headers ?? {})) headers.set(key, value);
    return {
      name,
      url: this.url(name, input),
      headers,
      body,
      timeoutMs: whole(options.timeoutMs ?? this.settings.timeoutMs, 'timeoutMs'),
      signal: options.signal,
    };
  }

  url(name: OperationName, { params = {}, query = {} }: AnyInput): string {
    const path = operations[name].path.replaceAll(/\{(\w+)\}/g, (_whole, key: string) => {
      const value = params[key];
      // An empty or dotted part would make it another address.
      if (!value || /^\.{1,2}$/.test(value)) {
        throw new OptionsError(`${name} needs ${key}, not ${JSON.stringify(value)}.`, {
          code: 'invalid_options',
        });
      }
      return encodeURIComponent(value);
    });
    const url = new URL(this.settings.baseUrl + path);
    for (const [key, value] of Object.entries(query)) {
      if (value !== undefined && value !== null) url.searchParams.set(key, String(value));
    }
    return url.href;
  }

  /** One try, and a second one with another token when the first is refused. Errors are returned, bugs are thrown. */
  async #attempt(call: Call): Promise<Answer | StagerError> {
    throwIfAborted(call.signal);
    await this.gate.pass(call.signal);
    const needsToken = operations[call.name].scope !== null;
    const token = needsToken ? await abortable(this.token(), call.signal) : undefined;
    const first = await this.#send(call, token);
    if (!(first instanceof ApiError) || first.status !== 401 || token === undefined) return first;
    const other = await abortable(this.token(token), call.signal);
    return other === undefined || other === token ? first : this.#send(call, other);
  }

  async #send(call: Call, token: string | undefined): Promise<Answer | StagerError> {
    const controller = new AbortController();
    const release = follow(call.signal, controller);
    const timer = setTimeout(() => controller.abort('timeout'), call.timeoutMs);
    const headers = new Headers(call.headers);
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
    try {
      const response = await this.fetch(call.url, {
        method: operations[call.name].method,
        headers: Object.fromEntries(headers),
        signal: controller.signal,
        ...(call.body === undefined ? {} : { body: call.body }),
      });
      const text = await response.text();
      if (response.ok) return { status: response.status, headers: response.headers, text };
      const hint = this.#authHint(response.status, token);
      return errorOf(response.status, response.headers, text, { url: call.url, hint });
    } catch (error) {
      if (call.signal?.aborted) throw new AbortError(call.signal.reason);
      if (controller.signal.aborted) return timeoutError(call);
      if (StagerError.isInstance(error)) throw error;
      return connectionError(call.url, error);
    } finally {
      clearTimeout(timer);
      release();
    }
  }

  /**
   * Through the middleware, the first outermost. What leaves is plain data: a fetch of another implementation does not
   * know our Request.
   */
  fetch(url: string, init: RequestInit): Promise<Response> {
    const { middleware, fetch } = this.settings;
    if (middleware.length === 0) return fetch(url, init);
    const send = async (at: number, request: Request): Promise<Response> => {
      const layer = middleware[at];
      if (layer) return layer(request, (next) => send(at + 1, next));
      const { method, headers, signal } = request;
      const body = init.body === undefined ? {} : { body: await request.text() };
      return fetch(request.url, { method, headers: Object.fromEntries(headers), signal, ...body });
    };
    return send(0, new Request(url, init));
  }

  #authHint(status: number, token: string | undefined): string | undefined {
    if (status !== 401 || token !== undefined) return undefined;
    return 'The client has no credentials. Pass token, or set STAGER_TOKEN, or STAGER_CLIENT_ID and STAGER_CLIENT_SECRET.';
  }

  #log(call: Call, result: Answer | StagerError, retries: number): void {
    const facts = { operation: call.name, status: result.status, retries };
    if (result instanceof StagerError) this.settings.logger.warn?.(`call failed: ${result.code}`, facts);
    else this.settings.logger.debug?.('call', facts);
  }
}

export function userAgent(own: string | undefined): string {
  return [own, `stager-sdk/${VERSION}`].filter(Boolean).join(' ');
}

function outcomeOf(error: StagerError): Outcome {
  if (error instanceof ApiError) {
    return { kind: 'answer', status: error.status, code: error.code, retryAfterMs: error.retryAfterMs };
  }
  return { kind: error instanceof TimeoutError ? 'timeout' : 'connection' };
}

function timeoutError(call: Call): TimeoutError {
  return new TimeoutError(`${call.name} got no answer within ${call.timeoutMs} ms.`, {
    code: 'timeout',
    retryable: true,
  });
}

function parseBody({ status, headers, text }: Answer): unknown {
  if (status === 204 || text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new StagerError('The answer is not JSON.', {
      code: 'invalid_answer',
      status,
      requestId: headers.get('x-request-id') ?? undefined,
      hint: 'This answer is not of the stager API. Check the address and proxies between.',
      cause,
    });
  }
}

function done(status: number, headers: Headers, data: unknown, retries: number): WithResponse<unknown> {
  return {
    data,
    response: {
      status,
      headers,
      requestId: headers.get('x-request-id') ?? undefined,
      rateLimit: readRateLimit(headers),
      replayed: headers.get('idempotent-replayed') === 'true',
      retries,
    },
  };
}
