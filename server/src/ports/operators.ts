import type { ImageError, ImageState, JobState, LISTED_JOB_STATES, PlanId } from '../contract/index.ts';
import type { Page, PageRequest } from './rows.ts';

/** A job as operators see it: nothing of what the photo is. */
export interface JobRow {
  readonly id: string;
  readonly accountId: string;
  readonly imageId: string;
  readonly projectId: string | null;
  readonly engine: string;
  readonly state: JobState;
  /** Null: the image was deleted. */
  readonly imageState: ImageState | null;
  readonly priority: number;
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly runAt: Date;
  readonly leaseUntil: Date | null;
  readonly error: ImageError | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface JobFilter {
  readonly state?: (typeof LISTED_JOB_STATES)[number] | undefined;
  /** Then in the order of the images. */
  readonly account?: string | undefined;
}

export interface DeadFilter {
  /** Of the error that ended it. */
  readonly code?: string | undefined;
  readonly accountId?: string | undefined;
  readonly limit: number;
  /** Behind this job, which has died later. */
  readonly after?: string | null | undefined;
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

/** A dead job that is queued again. */
export interface RevivedJob {
  readonly id: string;
  readonly accountId: string;
  readonly imageId: string;
  readonly projectId: string | null;
}

export interface AdminJobsTx {
  list(filter: JobFilter, page: PageRequest): Promise<Page<JobRow>>;
  getMany(ids: readonly string[]): Promise<JobRow[]>;
  /** The latest first; what was deleted or queued again meanwhile is left out. */
  listDead(filter: DeadFilter): Promise<DeadJob[]>;
}

interface StoredSum {
  readonly objects: number;
  readonly bytes: number;
}

export interface StorageSum {
  readonly originals: StoredSum;
  readonly outputs: StoredSum;
}

/** Of all subscriptions to a plan that are active, past due or on trial. */
export interface PlanSum {
  readonly plan: PlanId;
  /** Those on trial among them are not in it. */
  readonly paying: number;
  /** Images above the limit, in the periods of the subscriptions. */
  readonly overage: number;
}

/** Figures over all accounts, or of one. Those over all are undefined when they cannot be counted in time. */
export interface StatsTx {
  accounts(): Promise<{ total: number; suspended: number } | undefined>;
  images(): Promise<ReadonlyMap<ImageState, number> | undefined>;
  /** When the oldest job that could run fell due; null when none is. */
  oldestDue(): Promise<{ readonly at: Date | null } | undefined>;
  /** Of jobs whose ids are not below. */
  ended(fromJobId: string): Promise<{ done: number; dead: number } | undefined>;
  storage(): Promise<StorageSum | undefined>;
  plans(): Promise<PlanSum[] | undefined>;
  imagesOf(accountId: string): Promise<ReadonlyMap<ImageState, number>>;
  storageOf(accountId: string): Promise<StorageSum>;
}
