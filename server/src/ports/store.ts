import type { ImageError, ImageState } from '../contract/index.ts';
import type { ContactsTx, InvitationsTx, MembersTx, NewAudit, TokensTx } from './access.ts';
import type { BillingTx, NewReservation } from './billing.ts';
import type { BrowserSessionsTx, TicketsTx } from './browser.ts';
import type { RevivedJob } from './operators.ts';
import type {
  AccountRow,
  EventFilter,
  EventRange,
  EventRow,
  IdempotencyRecord,
  ImageFilter,
  ImageRow,
  MembershipRow,
  NewEvent,
  NewImage,
  NewUpload,
  OriginalRow,
  OutboxItem,
  Page,
  PageRequest,
  ProjectRow,
  UploadRow,
} from './rows.ts';
import type { StripeTx } from './stripe.ts';

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
  readonly billing: BillingTx;
  readonly stripe: StripeTx;
  readonly browserSessions: BrowserSessionsTx;
  readonly tickets: TicketsTx;
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
    /**
     * Gives images of this transaction their jobs, and tells of them. What others of the account wait for (its place in
     * the line, the sums of its period, the number of its last event) is taken with the commit and not before, so the
     * transaction itself sees nothing of it. Where others have reserved what the grant was decided on, it runs again.
     */
    queue(owner: string, work: NewWork): Promise<void>;
    /** Queues dead jobs again, with all their attempts, and their images with them; those that cannot be are left out. */
    revive(owner: string, ids: readonly string[]): Promise<RevivedJob[]>;
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

export interface NewJob {
  readonly id: string;
  readonly imageId: string;
  /** Lower runs first. */
  readonly priority: number;
  readonly maxAttempts: number;
}

export interface NewWork {
  readonly jobs: readonly NewJob[];
  /** The units of their images; null where they take none. What becomes of a unit follows from its image. */
  readonly reservation: NewReservation | null;
  readonly events: readonly NewEvent[];
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

/** The database cannot be reached or does not answer in time; nothing was committed unless the commit itself was cut off. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}
