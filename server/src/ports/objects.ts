import type { Readable } from 'node:stream';

/** Buckets are roles, not names; configuration maps them to the store's own. */
export type Bucket = 'uploads' | 'photos';

export interface ObjectRef {
  readonly bucket: Bucket;
  /** Slash-separated, made by us, never from a file name. */
  readonly key: string;
}

export interface ObjectInfo {
  /** Bytes. */
  readonly size: number;
  readonly contentType: string;
  readonly etag: string;
  readonly modifiedAt: Date;
}

export interface PresignPut {
  readonly ref: ObjectRef;
  /** Exact number of bytes. */
  readonly size: number;
  readonly contentType: string;
  /** Hexadecimal. */
  readonly sha256: string;
  readonly expiresAt: Date;
}

export interface PresignGet {
  readonly ref: ObjectRef;
  readonly expiresAt: Date;
  /** Name that a browser saves the file under. */
  readonly fileName?: string;
  readonly contentType?: string;
}

export interface PresignedPut {
  readonly url: string;
  /** To be sent exactly; they are part of the signature. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface ListedObject {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** As `stat` tells it. */
  readonly etag: string;
  readonly modifiedAt: Date;
}

export interface ListOptions {
  /** Only keys that begin with it. Default: all of the bucket. */
  readonly prefix?: string | undefined;
  /** Only keys behind it, to go on where an earlier listing has ended. */
  readonly after?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a writer that went away has left: parts of an upload, or a draft. Nobody can read it, and it takes up room. */
export interface Leftover {
  readonly bucket: Bucket;
  readonly key: string;
  /** Told apart by it: a key may have several. */
  readonly id: string;
  readonly startedAt: Date;
}

/** `changed`: something else is there by now, and it stays. */
export type ConditionalOutcome = 'done' | 'missing' | 'changed';

/**
 * The pixel store. Writes are atomic: a reader sees the whole object or none.
 * Every method throws `ObjectStoreError`; a missing object is `undefined` or a no-op, never an error.
 */
export interface Objects {
  presignPut(request: PresignPut): Promise<PresignedPut>;
  presignGet(request: PresignGet): Promise<string>;
  stat(ref: ObjectRef, signal?: AbortSignal): Promise<ObjectInfo | undefined>;
  /** Whole object; for objects of a known, bounded size. */
  read(ref: ObjectRef, signal?: AbortSignal): Promise<Buffer | undefined>;
  /**
   * The beginning of an object, as much of it as fits `into`.
   * @returns bytes of the whole object: when there are more than `into` holds, the rest was not read
   */
  readInto(ref: ObjectRef, into: Buffer, signal?: AbortSignal): Promise<number | undefined>;
  open(ref: ObjectRef, signal?: AbortSignal): Promise<Readable | undefined>;
  write(ref: ObjectRef, body: Buffer, contentType: string, signal?: AbortSignal): Promise<void>;
  /** Stores a local file; the file stays where it is. */
  writeFile(ref: ObjectRef, path: string, contentType: string, signal?: AbortSignal): Promise<void>;
  /** Moves within the store; an existing target is replaced. A missing source is `false`. */
  move(from: ObjectRef, to: ObjectRef, contentType: string): Promise<boolean>;
  remove(ref: ObjectRef): Promise<void>;
  /** Moves an object if it is still the one with this etag, and never over another one. */
  moveExactly(from: ObjectRef, to: ObjectRef, etag: string): Promise<ConditionalOutcome>;
  /** Removes an object if it is still the one with this etag. */
  removeExactly(ref: ObjectRef, etag: string): Promise<ConditionalOutcome>;
  /**
   * Objects in byte order (UTF-8) of the whole key, page by page, in memory that does not grow with their number. What
   * comes or goes meanwhile may or may not be in it; all else is, exactly once: whatever casts doubt on that, a page out
   * of order or a bucket that is gone, is an error.
   */
  list(bucket: Bucket, options?: ListOptions): AsyncIterable<readonly ListedObject[]>;
  /** In no particular order. */
  listLeftovers(bucket: Bucket, signal?: AbortSignal): AsyncIterable<readonly Leftover[]>;
  /** One that is gone already is no error. */
  removeLeftover(leftover: Leftover): Promise<void>;
  /** Throws when the store cannot be reached. */
  check(signal?: AbortSignal): Promise<void>;
}

export class ObjectStoreError extends Error {
  override readonly name = 'ObjectStoreError';
  readonly code: 'unreachable' | 'full' | 'denied' | 'failed';
  constructor(code: ObjectStoreError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** Whether other objects may fare better: a store that does not answer, or is full, is so to all. */
  get mayConcernOneObject(): boolean {
    return this.code === 'denied' || this.code === 'failed';
  }
}
