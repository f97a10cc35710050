import type { ReconcileKind, ReconcileProgress, ReconcileRepair, ReconcileState } from '../contract/index.ts';
import type { Bucket, ObjectRef } from './objects.ts';
import type { PaymentsTx } from './paymentJobs.ts';
import type { Page, PageRequest } from './rows.ts';

/** What a run looks at. */
export interface ReconcileScope {
  /** Null: the whole installation. */
  readonly projectId: string | null;
  /** Of the project. */
  readonly accountId: string | null;
  /** Null: all. */
  readonly kinds: readonly ReconcileKind[] | null;
  readonly since: Date | null;
  readonly deep: boolean;
}

/** Where a scan goes on after a kill: everything before it is written. */
export interface Checkpoint {
  readonly phase: number;
  /** Within the phase: behind this key or id. */
  readonly after: string;
  readonly rows: number;
  readonly objects: number;
  /** Rows and objects that are compared with each other, for the judgement at the end. */
  readonly sides: { readonly rows: number; readonly objects: number };
  readonly findings: number;
  readonly counts: Readonly<Partial<Record<ReconcileKind, number>>>;
  /** SHA-256 over the findings so far, each joined to the hash before it. */
  readonly planHash: string;
  readonly sentinelsSeen: readonly Bucket[];
}

export interface ReconcileRunRow extends ReconcileScope {
  readonly id: string;
  readonly state: ReconcileState;
  readonly scheduled: boolean;
  readonly reason: { readonly code: string; readonly message: string } | null;
  readonly progress: ReconcileProgress;
  readonly checkpoint: Checkpoint | null;
  readonly changesMax: number | null;
  readonly requestedBy: string;
  readonly appliedBy: string | null;
  readonly override: boolean;
  readonly outcome: { readonly applied: number; readonly skipped: number; readonly undone: number };
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

/** A run in the hands of a worker; `lease` fences every write. */
export interface ClaimedRun extends ReconcileRunRow {
  readonly lease: string;
  readonly startedAt: Date;
  /** By the clock of the database, as `startedAt` is. */
  readonly claimedAt: Date;
}

export interface NewFinding {
  readonly kind: ReconcileKind;
  readonly accountId: string | null;
  readonly projectId: string | null;
  /** Id of the row that it is about. */
  readonly subject: string | null;
  readonly bucket: Bucket | null;
  readonly key: string | null;
  /** Of the row when it was found; an act on another version is skipped. */
  readonly version: string | null;
  /** Of the object when it was found; null where there must be none. */
  readonly etag: string | null;
  readonly expected: string | null;
  readonly found: string | null;
  readonly repair: ReconcileRepair;
}

export interface FindingRow extends NewFinding {
  readonly seq: number;
  readonly state: 'open' | 'applied' | 'skipped' | 'undone';
  readonly outcome: string | null;
  readonly decidedAt: Date | null;
}

/** An object that was put aside. */
export interface KeptRow {
  readonly runId: string;
  readonly seq: number;
  readonly from: ObjectRef;
  readonly kept: ObjectRef;
  readonly etag: string;
}

/** A row that names an object. */
export interface ObjectRow {
  readonly key: string;
  /** Of the row; with the key it tells rows apart. */
  readonly id: string;
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
  /** Of an upload: nobody can finish it any more. */
  readonly ended?: boolean;
}

export interface ObjectRowQuery {
  /** Rows behind this place, in byte order of key, then id. */
  readonly after: { readonly key: string; readonly id: string };
  /** Only keys that begin with it. */
  readonly prefix: string;
  readonly projectId: string | null;
  /** Uploads whose URL ended before have ended. */
  readonly endedBefore: Date;
  readonly limit: number;
}

/** What else there is to know of a row that names an object, as of now. */
export interface DescribedRow {
  readonly key: string;
  readonly kind: 'original' | 'output' | 'upload';
  readonly accountId: string;
  readonly projectId: string | null;
  /** The original, the image or the upload. */
  readonly id: string;
  readonly size: number;
  readonly sha256: string;
  readonly version: string;
  readonly createdAt: Date;
}

/** An image, a job or an entry of the ledger that contradicts what stands beside it. */
export interface StateDrift {
  readonly kind: ReconcileKind;
  readonly repair: ReconcileRepair;
  readonly accountId: string;
  readonly projectId: string | null;
  readonly id: string;
  readonly version: string;
  readonly createdAt: Date;
  readonly expected: string;
  readonly found: string;
}

/** A page of a walk over a table: what contradicts in it, and where the next begins; null when it was the last. */
export interface DriftPage {
  readonly drift: readonly StateDrift[];
  readonly rows: number;
  readonly next: string | null;
}

export interface DriftQuery {
  readonly after: string;
  readonly projectId: string | null;
  /** Of the project. */
  readonly accountId: string | null;
  /** What changed later is given time. */
  readonly before: Date;
  readonly limit: number;
}

/** Whether the run goes on: `cancel` was asked for, or `lost`, another worker has it. */
export type Hold = 'held' | 'cancel' | 'lost';

export interface ScanEnd {
  readonly state: 'scanned' | 'stopped' | 'failed' | 'canceled';
  readonly reason: ReconcileRunRow['reason'];
  readonly changesMax: number | null;
}

/** What a worker does with runs, over all accounts. */
export interface ReconcileStore {
  /** Whether there is a run that nobody works on, or whose worker gave no sign of life. */
  hasDue(): Promise<boolean>;
  /** Takes such a run, the oldest. */
  claim(leaseMs: number): Promise<ClaimedRun | undefined>;
  /** Writes findings and where the scan is in one transaction, and renews the lease. */
  saveScan(
    run: ClaimedRun,
    checkpoint: Checkpoint,
    progress: ReconcileProgress,
    findings: readonly NewFinding[],
    leaseMs: number,
  ): Promise<Hold>;
  /** Renews the lease alone: what was written last of its progress stays. */
  renew(run: ClaimedRun, leaseMs: number): Promise<Hold>;
  saveProgress(run: ClaimedRun, progress: ReconcileProgress, leaseMs: number): Promise<Hold>;
  endScan(run: ClaimedRun, end: ScanEnd): Promise<boolean>;
  /** Behind the last finding that was acted on. */
  endAct(
    run: ClaimedRun,
    state: 'applied' | 'undone' | 'failed',
    reason: ReconcileRunRow['reason'],
  ): Promise<boolean>;
  /** Puts it back, so that another worker goes on at once. */
  release(run: ClaimedRun): Promise<void>;
  /** Only ever a dry run. `there`: another worker has scheduled one since `due`; `busy`: it has to wait for runs under way. */
  schedule(id: string, due: Date): Promise<'made' | 'there' | 'busy'>;

  /** Content of the objects that tell the right store from another; undefined before the first run. */
  sentinel(): Promise<string | undefined>;
  rememberSentinel(run: ClaimedRun): Promise<void>;
  /** By the clock of the database: what is young, old or over is so by that of whoever wrote when it was. */
  now(): Promise<Date>;
  /** Rows that there may be, by the statistics of the database. */
  estimateRows(): Promise<number>;

  originals(query: ObjectRowQuery): Promise<ObjectRow[]>;
  outputs(query: ObjectRowQuery): Promise<ObjectRow[]>;
  uploads(query: ObjectRowQuery): Promise<ObjectRow[]>;
  /** Of rows by their keys, as of now. */
  describe(bucket: Bucket, keys: readonly string[]): Promise<DescribedRow[]>;
  /** Keys among these whose removal has been ordered. */
  beingRemoved(bucket: Bucket, keys: readonly string[]): Promise<ReadonlySet<string>>;
  images(query: DriftQuery): Promise<DriftPage>;
  jobs(query: DriftQuery): Promise<DriftPage>;
  ledger(query: DriftQuery): Promise<DriftPage>;
  /** Images that have ended, and the units that they should hold. */
  units(query: DriftQuery): Promise<DriftPage>;

  findings(runId: string, afterSeq: number, limit: number): Promise<FindingRow[]>;
  /**
   * Decides about one finding in one transaction: its row is locked, and so is what `act` looks at through the `tx`. A
   * finding that was decided already is left alone.
   */
  decide(
    run: ClaimedRun,
    seq: number,
    act: (tx: RepairTx, finding: FindingRow) => Promise<Decision>,
  ): Promise<Hold>;
  /** Objects that were put aside before then and are still there. */
  listKept(before: Date, limit: number): Promise<KeptRow[]>;
  /** Of one run, in order. */
  keptOf(runId: string, afterSeq: number, limit: number): Promise<KeptRow[]>;
  markPurged(kept: KeptRow): Promise<void>;
  /** As if it had been put aside at that moment, with this etag; the outcome is that of its finding. */
  keepOn(kept: KeptRow, etag: string, at: Date, outcome: string): Promise<void>;
  check(): Promise<void>;
  close(): Promise<void>;
}

export interface Decision {
  readonly state: 'applied' | 'skipped' | 'undone';
  readonly outcome: string;
  /** An object that was put aside. */
  readonly kept?: { readonly from: ObjectRef; readonly kept: ObjectRef; readonly etag: string };
}

/** What a repair sees and changes, inside of its transaction. */
export interface RepairTx {
  /** The row locked until the end; undefined when there is none, or its version is another. */
  lock(finding: FindingRow): Promise<LockedRow | undefined>;
  /** The finding by which this run has changed the very version of the row that this one is about. */
  changedBy(runId: string, finding: FindingRow): Promise<Pick<FindingRow, 'seq' | 'outcome'> | undefined>;
  /** Takes a result from an image that has others, of which the first is the one that was asked for. */
  forgetResult(row: LockedRow, key: string): Promise<boolean>;
  /** Whether any row names the object. */
  isNamed(ref: ObjectRef): Promise<boolean>;
  /** Whether it is the place of a photo that somebody may be finalizing, which puts the object before its row. */
  isBeingSent(ref: ObjectRef): Promise<boolean>;
  /** The image is queued once more, with all its attempts; its outputs are forgotten. @returns its job */
  restage(row: LockedRow, jobId: string): Promise<void>;
  /** An image that has failed already keeps its error. */
  markError(
    row: LockedRow,
    error: { code: string; message: string; hint: string | null; retryable: boolean },
  ): Promise<boolean>;
  /** The photo may be sent again; images of it that are unfinished end with the error. */
  markLost(
    row: LockedRow,
    error: { code: string; message: string; hint: string | null; retryable: boolean },
  ): Promise<number>;
  cancelJob(row: LockedRow): Promise<void>;
  removeUpload(row: LockedRow): Promise<void>;
  /** Objects that stood here and were put aside, the newest first. */
  keptCopies(ref: ObjectRef): Promise<KeptRow[]>;
  forgetKept(kept: KeptRow): Promise<void>;
  /** The unit ends as its image has. @param unitId of one that has to be made for it */
  endUnit(row: LockedRow, unitId: string): Promise<UnitEnd>;
  /** Whether it is the place of a photo that was marked as lost; its row is locked. */
  isLost(ref: ObjectRef): Promise<boolean>;
  /** The photo is there again, and is not marked as lost any more. */
  markFound(ref: ObjectRef): Promise<void>;
  /** Subscriptions, in this same transaction. */
  readonly payments: PaymentsTx;
}

/**
 * What has become of a unit. Nothing was done where it is `right` as it is, the image is `unfinished`, or the unit is
 * `uncounted`: there is no period of usage to count it in.
 */
export type UnitEnd = 'settled' | 'refunded' | 'right' | 'unfinished' | 'uncounted';

export interface LockedRow {
  readonly accountId: string;
  readonly id: string;
  readonly projectId: string | null;
  /** Of an image, or of the image of a job or output. */
  readonly imageId: string | null;
  readonly state: string | null;
  /** Key of the original that the image is made of, or of the row itself. */
  readonly originalKey: string | null;
}

/** What an admin asks of runs. */
export interface ReconcileAdminTx {
  /** Undefined when one is under way that looks at the same: of the same project, or one of the two of the installation. */
  create(
    id: string,
    run: ReconcileScope & { readonly requestedBy: string },
  ): Promise<ReconcileRunRow | undefined>;
  get(id: string): Promise<ReconcileRunRow | undefined>;
  /** With the row locked until the end of the transaction. */
  getForUpdate(id: string): Promise<ReconcileRunRow | undefined>;
  list(page: PageRequest): Promise<Page<ReconcileRunRow>>;
  /** A run that has not ended and looks at the same as one of this scope would. */
  underWay(projectId: string | null): Promise<ReconcileRunRow | undefined>;
  findings(
    runId: string,
    filter: { readonly kind?: ReconcileKind | undefined; readonly state?: FindingRow['state'] | undefined },
    page: { readonly limit: number; readonly after: number },
  ): Promise<{ readonly items: readonly FindingRow[]; readonly next: number | null }>;
  /** False when one is under way that looks at the same. */
  queue(id: string, wish: 'apply' | 'undo', by: string, override: boolean): Promise<boolean>;
  cancel(id: string): Promise<void>;
  accountOfProject(projectId: string): Promise<string | undefined>;
}
