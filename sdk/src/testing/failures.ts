import type { OperationName } from '../generated/operations.ts';
import type { FakeErrorCode } from './problems.ts';

/** What goes wrong, and where. */
export interface Failure {
  /** Only with this operation, or with the photo store. @default any request to the API */
  readonly operation?: OperationName | 'storePut' | 'storeGet' | undefined;
  /** How many requests fail. @default 1 */
  readonly times?: number | undefined;
  /** A problem with this code and its status. */
  readonly code?: FakeErrorCode | undefined;
  /** An answer with this status that is not a problem, as a proxy gives. */
  readonly status?: number | undefined;
  /** Seconds in `Retry-After`. */
  readonly retryAfter?: number | undefined;
  /** Cut the connection instead of an answer. */
  readonly cut?: boolean | undefined;
  /** Cut it only after the request has had its effect. */
  readonly cutAfterEffect?: boolean | undefined;
  /** Never answer. */
  readonly hang?: boolean | undefined;
}

interface Pending {
  readonly failure: Failure;
  left: number;
}

export class Failures {
  readonly #pending: Pending[] = [];

  add(failure: Failure): void {
    this.#pending.push({ failure, left: failure.times ?? 1 });
  }

  /** The failure that a request runs into, and uses up. */
  take(operation: OperationName | 'storePut' | 'storeGet' | undefined): Failure | undefined {
    const isStore = operation === 'storePut' || operation === 'storeGet';
    const hit = this.#pending.find(
      ({ failure, left }) =>
        left > 0 && (failure.operation === undefined ? !isStore : failure.operation === operation),
    );
    if (!hit) return undefined;
    hit.left -= 1;
    return hit.failure;
  }
}
