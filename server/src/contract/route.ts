import type { z } from 'zod';
import type { ErrorCode } from './errors.ts';
import type { Role } from './schemas/account.ts';
import type { Scope } from './scopes.ts';

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** Which budget a request is counted against; the limits are configuration. */
export type RateClass = 'read' | 'write' | 'stream' | 'public' | 'none';

/**
 * What a repeated `Idempotency-Key` gets.
 * `store`: the stored answer. `recompute`: the act is not repeated, its links are made anew. `once`: the stored
 * answer without its secret, which is never stored, and word that it was shown before.
 */
export type IdempotencyMode = 'store' | 'recompute' | 'once';

type Shape = z.ZodObject;

export interface RouteSpec {
  /** Stable operation name: OpenAPI operationId, SDK table, metric and log label, endpoint file name. */
  readonly name: string;
  readonly method: Method;
  /** Path with `:param` placeholders. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** Scope that the token must carry; `null` marks the few operations that need no token. */
  readonly scope: Scope | null;
  /**
   * Least role of the caller in its account. `null` asks for no membership: operations without a token, and those by
   * which a person comes into an account.
   */
  readonly role: Role | null;
  readonly rate: RateClass;
  readonly params?: Shape;
  readonly query?: Shape;
  readonly body?: Shape;
  readonly success: {
    readonly status: 200 | 201 | 204;
    readonly schema: z.ZodType | null;
    readonly description: string;
    /** Other media type than JSON. */
    readonly stream?: 'text/event-stream';
  };
  /** Codes beyond those that every operation can answer. */
  readonly errors: readonly ErrorCode[];
  /** Required on every POST below /v1. */
  readonly idempotent?: IdempotencyMode;
}

/** Declares one operation. Everything else about it is read from this object. */
export function defineRoute<const R extends RouteSpec>(route: R): R {
  return route;
}

export type Output<S> = S extends z.ZodType ? z.output<S> : undefined;
export type ParamsOf<R extends RouteSpec> = Output<R['params']>;
export type QueryOf<R extends RouteSpec> = Output<R['query']>;
export type BodyOf<R extends RouteSpec> = Output<R['body']>;
export type ResultOf<R extends RouteSpec> = R['success']['schema'] extends z.ZodType
  ? z.input<R['success']['schema']>
  : undefined;

/** Placeholder names of a path, in order. */
export function pathParams(path: string): string[] {
  return [...path.matchAll(/:([A-Za-z]+)/g)].map((match) => match[1] ?? '');
}
