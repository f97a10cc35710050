import type { Layout } from '@stager/server/contract';
import type { EngineDescriptor } from '@stager/server/core/engines/catalogue';

export type { EngineDescriptor, Layout };

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };
export type JsonRecord = Readonly<Record<string, JsonValue>>;

/** One image to make. Plain JSON: it travels to a child process. */
export interface EngineInput {
  /** Local file with the bytes that the client sent. */
  readonly originalPath: string;
  readonly contentType: string;
  /** Pixels as stored, before the EXIF orientation. */
  readonly width: number;
  readonly height: number;
  readonly roomType: string | null;
  readonly style: string | null;
  /** 0 to 2^32 - 1. */
  readonly seed: number;
  /** 0 for the first. */
  readonly variation: number;
  /** As the client sent them; an engine parses them with the schema of its descriptor. */
  readonly params: Readonly<Record<string, string | number | boolean>>;
  /** To be rendered instead of one that the engine chooses; the engine looks whether it knows its words. */
  readonly layout?: Layout;
}

export interface EngineContext {
  /** Private directory; every output is a file in it. */
  readonly workDir: string;
  /** Aborted when the job is canceled, loses its lease or runs out of time. */
  readonly signal: AbortSignal;
  /** `fraction` runs from 0 to 1; `stage` is a word for people, such as `decode`. */
  readonly progress: (fraction: number, stage: string) => void;
}

export interface EngineOutput {
  /** One of the names in the descriptor. */
  readonly name: string;
  /** Regular file inside `workDir`. */
  readonly path: string;
  /** A picture's, or `application/json`. */
  readonly contentType: string;
  /** Pixels; for JSON those of the picture that it tells of. */
  readonly width: number;
  readonly height: number;
}

export interface EngineResult {
  readonly outputs: readonly EngineOutput[];
  /** What was done, for people and for tests. */
  readonly info: JsonRecord;
}

export interface Engine {
  readonly descriptor: EngineDescriptor;
  /**
   * Rejects with `EngineError`; anything else that it throws is a defect and is reported as `engine_failed`.
   * The same photo, parameters, seed and variation give the same bytes.
   */
  readonly run: (input: EngineInput, context: EngineContext) => Promise<EngineResult>;
}

interface EngineErrorExtra {
  readonly retryable?: boolean;
  /** What a person can do about it. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** A failure of one job, in words that its owner is shown. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  /** Stable snake_case word. */
  readonly code: string;
  /** Whether the same job may succeed later without a change. Default false. */
  readonly retryable: boolean;
  readonly hint?: string;

  constructor(code: string, message: string, extra: EngineErrorExtra = {}) {
    super(message, extra.cause === undefined ? {} : { cause: extra.cause });
    this.code = code;
    this.retryable = extra.retryable ?? false;
    if (extra.hint !== undefined) this.hint = extra.hint;
  }
}
