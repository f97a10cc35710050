import { AbortError, ApiError, StagerError } from '../core/errors.ts';
import type { Transport } from '../core/transport.ts';
import type { StageError, StageEvent, StageOptions, StageSummary } from './types.ts';

const NO_ROOM = 'quota_exceeded';

type Counter = Exclude<keyof StageSummary, 'durationMs'>;

/** What all steps of one run share: where events go, how it is stopped, and what was counted. */
export class StageContext {
  readonly transport: Transport;
  readonly options: StageOptions;
  readonly controller = new AbortController();
  readonly #emit: (event: StageEvent) => void;
  readonly #startedAt = performance.now();
  readonly #counts: Record<Counter, number> = {
    found: 0,
    skipped: 0,
    rejected: 0,
    failed: 0,
    uploaded: 0,
    existing: 0,
    bytesSent: 0,
    images: 0,
    reused: 0,
    ready: 0,
    downloaded: 0,
    unchanged: 0,
  };
  /** What ended the run before its time. */
  failure: { readonly error: unknown } | undefined;
  /** Why the plan had no room for an image. What has to be sent first takes no less, and finds none either. */
  noRoom: unknown;

  constructor(transport: Transport, options: StageOptions, emit: (event: StageEvent) => void) {
    this.transport = transport;
    this.options = options;
    this.#emit = emit;
  }

  get maxRetries(): number {
    return this.options.maxRetries ?? this.transport.settings.maxRetries;
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  emit(event: StageEvent): void {
    if (!this.signal.aborted) this.#emit(event);
  }

  count(counter: Counter, by = 1): void {
    this.#counts[counter] += by;
  }

  reject(file: string, size: number | undefined, error: StageError): void {
    this.count('rejected');
    this.emit({ type: 'rejected', file, size, error });
  }

  fail(file: string, imageId: string | undefined, error: unknown): void {
    const why = stageErrorOf(error);
    if (why.code === NO_ROOM) this.noRoom ??= error;
    this.count('failed');
    this.emit({ type: 'failed', file, imageId, error: why });
  }

  /** Ends the run: every later call would fail in the same way. */
  stop(error: unknown): void {
    this.failure ??= { error };
    this.controller.abort(error);
  }

  summary(): StageSummary {
    return { ...this.#counts, durationMs: Math.round(performance.now() - this.#startedAt) };
  }
}

export function stageErrorOf(error: unknown): StageError {
  if (StagerError.isInstance(error)) {
    const { code, message, hint, retryable } = error;
    return { code, message, hint, retryable, link: ApiError.isInstance(error) ? error.link : undefined };
  }
  if (isStageError(error)) return error;
  return {
    code: 'internal',
    message: error instanceof Error ? error.message : String(error),
    retryable: false,
  };
}

function isStageError(error: unknown): error is StageError {
  return (
    typeof error === 'object' &&
    error !== null &&
    !(error instanceof Error) &&
    'code' in error &&
    'retryable' in error
  );
}

/** Whether a failed call says something about all others to come, not about its own items. */
export function isFatal(error: unknown): boolean {
  if (AbortError.isInstance(error) || !StagerError.isInstance(error)) return true;
  return !error.retryable && error.code !== NO_ROOM;
}
