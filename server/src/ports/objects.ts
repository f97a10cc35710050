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
  /** Keys below a prefix in byte order. */
  list(bucket: Bucket, prefix: string): AsyncIterable<{ key: string; size: number; modifiedAt: Date }>;
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
}
