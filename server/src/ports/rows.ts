import type { ImageError, ImageOutput, ImageState, Layout, Role } from '../contract/index.ts';

export interface Caller {
  readonly accountId: string;
  readonly principal: string;
  readonly role: Role;
}

export interface AccountRow {
  readonly id: string;
  readonly name: string;
  readonly plan: string;
  readonly suspendedAt: Date | null;
}

export interface MembershipRow {
  readonly account: AccountRow;
  readonly role: Role;
}

export interface ProjectRow {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface OriginalRow {
  readonly id: string;
  readonly sha256: string;
  readonly size: number;
  readonly contentType: string;
  readonly width: number;
  readonly height: number;
  readonly objectKey: string;
  readonly createdAt: Date;
}

export type UploadState = 'pending' | 'ready' | 'rejected';

export interface UploadRow {
  readonly id: string;
  readonly sha256: string;
  readonly size: number;
  readonly contentType: string;
  readonly objectKey: string;
  readonly state: UploadState;
  readonly originalId: string | null;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly expiresAt: Date;
}

export interface NewUpload {
  readonly id: string;
  readonly sha256: string;
  readonly size: number;
  readonly contentType: string;
  readonly objectKey: string;
  readonly expiresAt: Date;
}

export interface OutputRow extends ImageOutput {
  readonly objectKey: string;
}

export type EngineParamsRow = Readonly<Record<string, string | number | boolean>>;

export interface ImageRow {
  readonly id: string;
  readonly projectId: string | null;
  readonly originalId: string;
  readonly name: string | null;
  readonly engine: string;
  readonly roomType: string | null;
  readonly style: string | null;
  readonly seed: number;
  readonly variation: number;
  readonly params: EngineParamsRow;
  readonly state: ImageState;
  readonly attempts: number;
  readonly error: ImageError | null;
  readonly outputs: readonly OutputRow[];
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface NewImage {
  readonly id: string;
  readonly projectId: string | null;
  readonly originalId: string;
  readonly name: string | null;
  readonly engine: string;
  readonly roomType: string | null;
  readonly style: string | null;
  readonly seed: number;
  readonly variation: number;
  readonly params: EngineParamsRow;
  /** To be rendered instead of one that the engine chooses. */
  readonly layout: Layout | null;
  /** Hash of everything that decides the picture, and the project; see `imageSpecHash`. */
  readonly specHash: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Id of the last item when more follow. */
  readonly next: string | null;
}

export interface PageRequest {
  readonly limit: number;
  /** Items behind this id, newest first. */
  readonly after: string | null;
}

export interface ImageFilter {
  readonly projectId?: string | undefined;
  readonly state?: ImageState | undefined;
}

export interface NewEvent {
  readonly type: string;
  /** Null of what is about no image. */
  readonly imageId: string | null;
  readonly projectId: string | null;
  /** The event as the contract has it, less what stands in the columns. */
  readonly data: unknown;
}

export interface EventRow {
  /** Position in the account's own gapless sequence. */
  readonly seq: number;
  readonly data: unknown;
}

export interface EventFilter {
  readonly projectId?: string | undefined;
  readonly imageId?: string | undefined;
}

/** First and last position that can still be read; both 0 when there was never an event. */
export interface EventRange {
  readonly oldest: number;
  readonly head: number;
}

export interface IdempotencyRecord {
  readonly bodyHash: string;
  readonly status: number;
  /** Stored answer; null in the mode `recompute`. */
  readonly response: unknown;
}

export type OutboxItem =
  | { readonly kind: 'job'; readonly jobId: string }
  | { readonly kind: 'events'; readonly accountId: string }
  /** An image above the limit was delivered; its meter event is named after the ledger's entry. */
  | { readonly kind: 'meter'; readonly entryId: string; readonly accountId: string }
  /** Stripe has told of a customer, or one has become an account's. */
  | { readonly kind: 'stripe'; readonly customerId: string | null }
  | { readonly kind: 'remove_object'; readonly bucket: 'uploads' | 'photos'; readonly key: string };

export type Failure = ImageError;
