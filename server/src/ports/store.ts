import type { ImageError, ImageOutput, ImageState, Role } from '../contract/index.ts';
import type { ContactsTx, InvitationsTx, MembersTx, NewAudit, TokensTx } from './access.ts';

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
  readonly imageId: string;
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

/** A job as its worker sees it; `lease` fences every later write. */
export interface ClaimedJob {
  readonly id: string;
  readonly accountId: string;
  readonly imageId: string;
  readonly lease: string;
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly image: ImageRow;
  readonly original: OriginalRow;
}

export type OutboxItem =
  | { readonly kind: 'job'; readonly jobId: string }
  | { readonly kind: 'events'; readonly accountId: string }
  | { readonly kind: 'remove_object'; readonly bucket: 'uploads' | 'photos'; readonly key: string };

export type Failure = ImageError;

/**
 * Reads and writes of one database transaction. The owner, an account id, comes first in every call that
 * touches what belongs to an account: a row of another account is as if it were not there.
 */
export interface Tx {
  readonly accounts: {
    findByPrincipal(principal: string): Promise<MembershipRow | undefined>;
    get(owner: string): Promise<AccountRow | undefined>;
    create(owner: string, account: { name: string; plan: string }): Promise<void>;
    /** Takes the account's row lock: what an account may do only once at a time is serialised here. */
    lock(owner: string): Promise<void>;
    /** Keeps everybody from adding anything to the account until the end of the transaction. */
    lockAlone(owner: string): Promise<void>;
    /** Whether it holds no project, photo or image. */
    isEmpty(owner: string): Promise<boolean>;
  };
  readonly members: MembersTx;
  readonly invitations: InvitationsTx;
  readonly contacts: ContactsTx;
  readonly tokens: TokensTx;
  readonly projects: {
    list(owner: string, page: PageRequest): Promise<Page<ProjectRow>>;
    get(owner: string, id: string): Promise<ProjectRow | undefined>;
    /** `undefined` when the name is taken. */
    create(owner: string, id: string, name: string): Promise<ProjectRow | undefined>;
    rename(owner: string, id: string, name: string): Promise<ProjectRow | 'name_taken' | undefined>;
    /** Takes the project's row lock, so that no image can be added meanwhile. */
    lock(owner: string, id: string): Promise<boolean>;
    hasImages(owner: string, id: string): Promise<boolean>;
    remove(owner: string, id: string): Promise<void>;
  };
  readonly uploads: {
    create(owner: string, uploads: readonly NewUpload[]): Promise<void>;
    getMany(owner: string, ids: readonly string[]): Promise<UploadRow[]>;
    /** Gives those that are pending until then; answers with their ids. */
    extend(owner: string, ids: readonly string[], expiresAt: Date): Promise<string[]>;
    markReady(owner: string, marks: readonly { id: string; originalId: string }[]): Promise<void>;
    markRejected(owner: string, id: string, code: string, message: string): Promise<void>;
  };
  readonly originals: {
    findBySha256(owner: string, hashes: readonly string[]): Promise<OriginalRow[]>;
    getMany(owner: string, ids: readonly string[]): Promise<OriginalRow[]>;
    /** In the order given; the row that was there before where the account has these bytes already. */
    upsert(owner: string, originals: readonly Omit<OriginalRow, 'createdAt'>[]): Promise<OriginalRow[]>;
  };
  readonly images: {
    insert(owner: string, images: readonly NewImage[]): Promise<ImageRow[]>;
    list(owner: string, filter: ImageFilter, page: PageRequest): Promise<Page<ImageRow>>;
    get(owner: string, id: string): Promise<ImageRow | undefined>;
    /** With the row locked until the end of the transaction. */
    getForUpdate(owner: string, id: string): Promise<ImageRow | undefined>;
    findBySpec(
      owner: string,
      specHashes: readonly string[],
    ): Promise<{ specHash: string; image: ImageRow }[]>;
    listUnfinished(owner: string, filter: EventFilter, limit: number): Promise<ImageRow[]>;
    setState(owner: string, id: string, state: ImageState, error: ImageError | null): Promise<ImageRow>;
    remove(owner: string, id: string): Promise<void>;
  };
  readonly jobs: {
    insert(
      owner: string,
      jobs: readonly { id: string; imageId: string; priority: number; maxAttempts: number }[],
    ): Promise<void>;
    /** Ends the image's open job; its lease is void from then on. */
    cancelForImage(owner: string, imageId: string): Promise<void>;
  };
  readonly events: {
    /** Numbers and writes events under the account's lock: commit order is number order, without gaps. */
    append(owner: string, events: readonly NewEvent[]): Promise<void>;
    range(owner: string): Promise<EventRange>;
    read(
      owner: string,
      filter: EventFilter,
      afterSeq: number,
      upToSeq: number,
      limit: number,
    ): Promise<EventRow[]>;
  };
  readonly outbox: { add(items: readonly OutboxItem[]): Promise<void> };
  readonly audit: { add(owner: string, entries: readonly NewAudit[]): Promise<void> };
  readonly idempotency: {
    /** False when a request with this key is running now. */
    tryLock(owner: string, operation: string, key: string): Promise<boolean>;
    get(owner: string, operation: string, key: string): Promise<IdempotencyRecord | undefined>;
    put(owner: string, operation: string, key: string, record: IdempotencyRecord): Promise<void>;
    /** Keeps another answer from now on; the key lives as long as before. */
    revise(owner: string, operation: string, key: string, response: unknown): Promise<void>;
  };
}

export interface NewUpload {
  readonly id: string;
  readonly sha256: string;
  readonly size: number;
  readonly contentType: string;
  readonly objectKey: string;
  readonly expiresAt: Date;
}

/** What belongs to one account, with a second wall around it: nothing of another one can be reached, whoever is named. */
export interface AccountStore {
  /** Commits when `run` resolves, rolls back when it throws. */
  transaction<T>(run: (tx: Tx) => Promise<T>, options?: { readonly snapshot?: boolean }): Promise<T>;
  /** Each call alone, without a transaction around several. */
  readonly read: Tx;
}

export interface Store {
  /** What requests use. */
  account(id: string): AccountStore;
  /**
   * Without `account`, the wall is that of the owner whom each call names: for acts that lead from one account, or
   * from none, into another.
   */
  transaction<T>(
    run: (tx: Tx) => Promise<T>,
    options?: { readonly snapshot?: boolean; readonly account?: string },
  ): Promise<T>;
  /** Each call alone, within the wall of the owner whom it names. */
  readonly read: Tx;
  check(): Promise<void>;
  close(): Promise<void>;
}

export interface DeadFilter {
  /** Of the error that ended it. */
  readonly code?: string | undefined;
  readonly accountId?: string | undefined;
  readonly limit: number;
}

/** A job that has ended as dead, and whose image has failed with it. */
export interface DeadJob {
  readonly id: string;
  readonly accountId: string;
  readonly imageId: string;
  readonly attempts: number;
  readonly error: ImageError;
  readonly diedAt: Date;
}

/** What the worker does with jobs. Every write behind a claim is void without its lease. */
export interface JobStore {
  /**
   * Jobs that are due, of accounts in turn: none is served twice while work of another waits. Within an account the
   * most urgent come first. A suspended account has no turn.
   */
  claim(limit: number, leaseMs: number): Promise<ClaimedJob[]>;
  /** Jobs whose lease could not be renewed are lost: cancelled, deleted, taken over, or their account is suspended. */
  renew(leases: readonly string[], leaseMs: number): Promise<{ lost: string[] }>;
  progress(job: ClaimedJob, progress: number, stage: string): Promise<boolean>;
  complete(job: ClaimedJob, outputs: readonly OutputRow[]): Promise<boolean>;
  /** Queues again for `retryAt`, or ends the image as `error` when null. */
  fail(job: ClaimedJob, error: Failure, retryAt: Date | null): Promise<boolean>;
  /** Gives a job back that was not worked on; the attempt does not count. */
  release(job: ClaimedJob): Promise<boolean>;
  /** Puts jobs with an expired lease back in the queue, or ends them as dead. */
  reapExpired(limit: number): Promise<{ requeued: number; dead: number }>;
  /** Newest first; what was deleted or queued again meanwhile is left out. */
  listDead(filter: DeadFilter): Promise<DeadJob[]>;
  /** Queues dead jobs again, with all their attempts, audited; answers with the ids of those that were. */
  replay(ids: readonly string[], principal: string): Promise<string[]>;
  /** Jobs that are due now, at most `limit`, one of each account, for rings that were lost. */
  listDue(limit: number): Promise<string[]>;
  /** Milliseconds until a job may be due; null when none is queued. What was canceled counts until a claim comes by. */
  msToNextDue(): Promise<number | null>;
  /** Takes up to `limit` outbox rows of these kinds; they are gone when `handle` resolves. */
  drainOutbox(
    kinds: readonly OutboxItem['kind'][],
    limit: number,
    handle: (items: OutboxItem[]) => Promise<void>,
  ): Promise<number>;
  /** Removes what has outlived its retention; answers with the number of rows. */
  prune(now: Date): Promise<number>;
  /** Uploads that nobody finished, and settled ones that nobody can ask for any more. */
  listStaleUploads(
    ended: UploadsEnded,
    limit: number,
  ): Promise<{ id: string; accountId: string; objectKey: string }[]>;
  /** One that is not stale any more stays. */
  forgetUploads(ended: UploadsEnded, ids: readonly string[]): Promise<void>;
  check(): Promise<void>;
  close(): Promise<void>;
}

/** Uploads whose URL ended before these moments are stale. */
export interface UploadsEnded {
  readonly pendingBefore: Date;
  readonly settledBefore: Date;
}

/** The database cannot be reached or does not answer in time; nothing was committed unless the commit itself was cut off. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}
