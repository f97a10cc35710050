// Written by `npm run generate` from docs/openapi.json.

export type AccountId = string;

export type AuditId = string;

export type Role = 'member' | 'owner' | 'admin';

export type CredentialKind = 'login' | 'machine' | 'token';

export type PlanId = 'free' | 'pro' | 'business' | 'dev';

export type SubscriptionStatus =
  'incomplete' | 'incomplete_expired' | 'trialing' | 'active' | 'past_due' | 'canceled' | 'unpaid' | 'paused';

export type PaidPlanId = 'pro' | 'business';

export type MemberId = string;

export type ProjectId = string;

export type OriginalId = string;

export type Priority = 'high' | 'normal' | 'low';

export type CreatedImages =
  | {
      status: 'ok';
      /** One per variation */
      images: Image[];
      /** Those that were there before */
      reused: ImageId[];
    }
  | {
      status: 'error';
      error: ItemError;
    };

export type ImageId = string;

export type ImageState = 'queued' | 'processing' | 'ready' | 'error' | 'canceled';

export type InvitationId = string;

export type GivenRole = 'member' | 'owner';

export type TokenId = string;

export type TokenScope =
  | 'account:read'
  | 'members:read'
  | 'projects:read'
  | 'projects:write'
  | 'images:read'
  | 'images:write'
  | 'billing:read';

export type JobId = string;

export type DeletionId = string;
/** `settling`: rows and objects are gone; the store is looked at once more when links to upload have ended */

export type DeletionState = 'scheduled' | 'erasing' | 'settling' | 'done' | 'canceled';

export type UploadId = string;

export type FinalizedUpload =
  | {
      status: 'ready';
      uploadId: UploadId;
      original: Original;
    }
  | {
      status: 'error';
      uploadId: UploadId;
      error: ItemError;
    };

export type JobState = 'queued' | 'running' | 'done' | 'dead' | 'canceled';

export type RunId = string;

export type ReconcileEvent =
  | {
      type: 'run';
      run: ReconcileRun;
    }
  | {
      type: 'ping';
      /** UTC, RFC 3339 */
      at: string;
    }
  | {
      type: 'bye';
      reason: 'shutdown' | 'token_expired' | 'access_ended' | 'too_slow';
    };

export type ReconcileKind =
  | 'missing_original'
  | 'missing_output'
  | 'ready_without_output'
  | 'orphan_object'
  | 'size_mismatch'
  | 'hash_mismatch'
  | 'stuck_queued'
  | 'stuck_processing'
  | 'job_without_image'
  | 'upload_unfinalized'
  | 'multipart_leftover'
  | 'ledger_mismatch'
  | 'subscription_mismatch';

export type Replayed =
  | {
      status: 'queued';
      jobId: JobId;
      imageId: ImageId;
    }
  | {
      status: 'error';
      jobId: JobId;
      error: ItemError;
    };

export type StreamEvent =
  SnapshotEvent | ImageEvent | BillingPlanEvent | UsageEvent | PingEvent | ResetEvent | ByeEvent;

export type StripeEventId = string;
/** `received`: waits for a worker; `unknown`: its customer belongs to no account yet; `parked`: it failed too often */

export type StripeEventState = 'received' | 'unknown' | 'handled' | 'parked' | 'ignored';

export type UploadTicket =
  | {
      status: 'exists';
      /** SHA-256 of the bytes, hexadecimal */
      sha256: string;
      original: Original;
    }
  | {
      status: 'upload';
      /** SHA-256 of the bytes, hexadecimal */
      sha256: string;
      uploadId: UploadId;
      method: 'PUT';
      url: string;
      /** Send exactly these; they are signed */
      headers: {
        [k: string]: string;
      };
      /** UTC, RFC 3339 */
      expiresAt: string;
    }
  | {
      status: 'error';
      /** SHA-256 of the bytes, hexadecimal */
      sha256: string;
      error: ItemError;
    };

export interface Account {
  id: AccountId;
  name: string;
  plan: string;
  suspendedAt: string | null;
  /** UTC, RFC 3339 */
  createdAt: string;
}

export interface AccountPage {
  items: Account[];
  /** Pass as `cursor` for the next page; null on the last */
  nextCursor: string | null;
}

export interface AccountUsage {
  accountId: AccountId;
  /** The one in force */
  plan: 'free' | 'pro' | 'business' | 'dev';
  period: Period;
  /** Images of the period that are made or in work */
  units: number;
  /** Of the plan; null: none */
  limit: number | null;
  overageUnits: number;
  /** What the subscription costs a month; 0 without one */
  planCents: number;
  overageCents: number;
  images: ImageCounts;
  storage: Storage;
}

export interface Period {
  /** UTC, RFC 3339 */
  start: string;
  /** First moment behind it */
  end: string;
}

export interface ImageCounts {
  queued: number;
  processing: number;
  ready: number;
  error: number;
  canceled: number;
}
/** As the rows tell; uploads that were not finalized are in none */

export interface Storage {
  originals: {
    objects: number;
    bytes: number;
  };
  outputs: {
    objects: number;
    bytes: number;
  };
}

export interface AuditEntry {
  id: AuditId;
  /** Whose object it was */
  accountId: string;
  principal: string;
  /** Of the principal at that time; null where it had none, as on the host */
  role: Role | null;
  /** Null for what was done on the host */
  credential: Credential | null;
  action: string;
  objectId: string | null;
  /** For instance the new role, or why an account was suspended */
  detail: string | null;
  requestId: string | null;
  /** Where it came from; erased after 90 days, or when asked for */
  ip: string | null;
  /** UTC, RFC 3339 */
  at: string;
}

export interface Credential {
  kind: CredentialKind;
  /** Id of the token, or of the client at the issuer */
  id: string | null;
}

export interface AuditPage {
  items: AuditEntry[];
  /** Pass as `cursor` for the next page; null on the last */
  nextCursor: string | null;
}

export interface AuthConfig {
  issuer: string;
  audience: string;
  /** Public client for the device code flow (RFC 8628) */
  cliClientId: string;
  scopes: string[];
}

export interface BillingChange {
  payAsYouGo: {
    enabled: boolean;
    /** Images above the limit a period; null: no limit. Left out, it stays as it is */
    cap?: (number | null) | undefined;
  };
}

export interface BillingPlanEvent {
  /** Another plan is in force from now on */
  type: 'billing.plan_changed';
  plan: PlanId;
  previousPlan: PlanId;
  /** UTC, RFC 3339 */
  at: string;
}

export interface BillingStatus {
  plan: Plan;
  /** What is in force without a subscription */
  basePlan: 'free' | 'pro' | 'business' | 'dev';
  /** The one that the plan in force comes from */
  subscription: Subscription | null;
  /** A plan that is not in force, as an invoice of it is open; once that is paid, it is again */
  unpaidPlan: PlanId | null;
  period: Period1;
  /** Images of the period that are ready */
  used: number;
  /** Images of the period that are not finished yet */
  reserved: number;
  /** Those among both that are above the limit */
  overage: number;
  /** Images that can be made now: what the plan has left, and pay-as-you-go; null: no limit */
  remaining: number | null;
  payAsYouGo: {
    /** Whether the plan in force has it */
    offered: boolean;
    enabled: boolean;
    /** Images above the limit a period; null: no limit */
    cap: number | null;
  };
}
/** The plan in force */

export interface Plan {
  id: PlanId;
  name: string;
  /** A month; hundredths of the currency */
  priceCents: number;
  currency: 'usd';
  /** Images a period; null: no limit */
  limit: number | null;
  /** An image above the limit, with pay-as-you-go; null: not offered */
  overageCents: number | null;
}

export interface Subscription {
  plan: PlanId;
  status: SubscriptionStatus;
  period: Period;
  /** It ends with the period */
  cancelAtPeriodEnd: boolean;
  /** With `past_due`: the plan holds until then */
  graceEndsAt: string | null;
  /** A smaller plan that begins with the next period */
  nextPlan: PlanId | null;
}
/** That of the subscription, else the calendar month in UTC */

export interface Period1 {
  /** UTC, RFC 3339 */
  start: string;
  /** First moment behind it */
  end: string;
}

export interface ByeEvent {
  type: 'bye';
  reason: 'token_expired' | 'shutdown' | 'too_slow' | 'access_ended';
}

export interface Catalog {
  defaultEngine: string;
  engines: CatalogEngine[];
  rooms: CatalogEntry[];
  styles: CatalogEntry[];
  upload: {
    contentTypes: string[];
    maxBytes: number;
    maxPixels: number;
    batchMax: number;
  };
}

export interface CatalogEngine {
  name: string;
  title: string;
  description: string;
  version: string;
  /** Empty when the engine takes no room type */
  rooms: string[];
  /** Empty when the engine takes no style */
  styles: string[];
  takesSeed: boolean;
  /** Kinds of furniture that a layout may name; empty when the engine takes no layout */
  pieces: string[];
  maxVariations: number;
  outputs: {
    name: string;
    contentType: string;
    description: string;
  }[];
  /** JSON Schema of `params` */
  params: {
    [k: string]: unknown;
  };
}

export interface CatalogEntry {
  name: string;
  title: string;
}

export interface CheckoutInput {
  plan: PaidPlanId;
}

export interface CheckoutLink {
  /** Page where an owner of the account logs in, sees the plan, and goes on to pay */
  url: string;
  /** UTC, RFC 3339 */
  expiresAt: string;
}

export interface Client {
  id: MemberId;
  clientId: string;
  name: string | null;
  accountId: AccountId;
  /** UTC, RFC 3339 */
  createdAt: string;
}

export interface ClientInput {
  /** Id of the client at the issuer */
  clientId: string;
  name: string;
}

export interface ClientPage {
  items: Client[];
  /** Pass as `cursor` for the next page; null on the last */
  nextCursor: string | null;
}

export interface CreateImages {
  projectId?: ProjectId | undefined;
  /**
   * @minItems 1
   * @maxItems 100
   */
  items: ImageItem[];
  /**
   * Answer with the image that was made from the same photo, project and options, if there is one
   * @default false
   */
  reuse?: boolean | undefined;
  /**
   * Which images of the account are made first; other accounts neither wait nor gain. `low` suits bulk re-runs
   * @default "normal"
   */
  priority?: Priority | undefined;
}

export interface ImageItem {
  originalId: OriginalId;
  name?: string | undefined;
  /** Default: the catalog’s `defaultEngine` */
  engine?: string | undefined;
  roomType?: string | undefined;
  style?: string | undefined;
  /**
   * 32 bits
   * @default 0
   */
  seed?: number | undefined;
  /** @default 1 */
  variations?: number | undefined;
  /**
   * Options of the engine; see the catalog
   * @default {}
   */
  params?:
    | {
        [k: string]: string | number | boolean;
      }
    | undefined;
  /** For engines that furnish: render this layout instead of choosing one. Room type, style and seed are its own unless a style is given beside it; takes no variations */
  layout?: Layout | undefined;
}

export interface Layout {
  version: 1;
  /** SHA-256 of the photo that the room was read from. In that photo the layout is rendered as it stands; in another one the room is read anew and the pieces are moved into it */
  photoSha256?: string | undefined;
  roomType: string;
  style: string;
  seed: number;
  variation: number;
  room: LayoutRoom;
  /**
   * Two pieces in one place are an error; too little floor about a piece is a warning
   *
   * @maxItems 80
   */
  pieces: LayoutPiece[];
}
/** What was understood of the photo; change it only to correct it */

export interface LayoutRoom {
  camera: LayoutCamera;
  /**
   * The floor that is seen, counter-clockwise from above. A piece beyond it is an error
   *
   * @minItems 3
   * @maxItems 200
   */
  floor: number[][];
  floorConfidence: number;
  /** @maxItems 100 */
  walls: LayoutWall[];
  /**
   * A piece in the way of a door or in front of a window is a warning
   *
   * @maxItems 100
   */
  openings: LayoutOpening[];
  /**
   * A piece on a fixture is an error; in the sun or in the way of a door, a warning
   *
   * @maxItems 100
   */
  keepOuts: LayoutKeepOut[];
}
/** The camera of the photo, in pixels of its working size */

export interface LayoutCamera {
  width: number;
  height: number;
  focal: number;
  /**
   * Principal point
   *
   * @minItems 2
   * @maxItems 2
   */
  centre: number[];
  /** Degrees; above 0 looks up */
  pitch: number;
  /** Degrees; above 0 is turned clockwise */
  roll: number;
  /** Degrees from the room’s axis to the viewing direction */
  yaw: number;
  /** Metres */
  aboveFloor: number;
}

export interface LayoutWall {
  /**
   * @minItems 2
   * @maxItems 2
   */
  from: number[];
  /**
   * The room lies on the left of the way from `from` to `to`
   *
   * @minItems 2
   * @maxItems 2
   */
  to: number[];
  height: number;
  confidence: number;
}

export interface LayoutOpening {
  kind: 'door' | 'window' | 'unknown';
  /** Index into `walls` */
  wall: number;
  /** Metres along the wall */
  start: number;
  end: number;
  bottom: number;
  top: number;
  confidence: number;
}

export interface LayoutKeepOut {
  why: 'object' | 'sun' | 'door';
  /**
   * @minItems 3
   * @maxItems 200
   */
  outline: number[][];
  confidence: number;
}

export interface LayoutPiece {
  /** What it is, in the words of the catalog */
  kind: string;
  /**
   * Where its middle stands: metres to the right of the camera and away from it
   *
   * @minItems 2
   * @maxItems 2
   */
  at: number[];
  /** Where its front looks, degrees: 0 to the camera, 90 to the right, 180 away, -90 to the left */
  turn: number;
  /**
   * Width, depth, height in metres; outside of what its kind allows is an error
   *
   * @minItems 3
   * @maxItems 3
   */
  size: number[];
  /**
   * Metres from the floor to its lowest point; in the air, with nothing that carries it, is an error
   * @default 0
   */
  lift?: number | undefined;
  /**
   * Chooses among small differences, as the folds of a cushion
   * @default 0
   */
  seed?: number | undefined;
}

export interface CreateUploads {
  /**
   * @minItems 1
   * @maxItems 100
   */
  files: UploadFile[];
}

export interface UploadFile {
  /** SHA-256 of the bytes, hexadecimal */
  sha256: string;
  /** Bytes */
  size: number;
  contentType: string;
}

export interface Image {
  id: ImageId;
  projectId: ProjectId | null;
  originalId: OriginalId;
  /** What the client calls the photo, mostly its file name */
  name: string | null;
  engine: string;
  roomType: string | null;
  style: string | null;
  /** 32 bits */
  seed: number;
  /** 0 for the first */
  variation: number;
  /** Options of the engine; see the catalog */
  params: {
    [k: string]: string | number | boolean;
  };
  state: ImageState;
  attempts: number;
  error: ImageError | null;
  /** Empty until `ready` */
  outputs: ImageOutput[];
  /** UTC, RFC 3339 */
  createdAt: string;
  /** UTC, RFC 3339 */
  updatedAt: string;
}

export interface ImageError {
  code: string;
  message: string;
  hint: string | null;
  retryable: boolean;
}

export interface ImageOutput {
  /** Which picture of the engine; see the catalog */
  name: string;
  contentType: string;
  /** Bytes */
  size: number;
  /** SHA-256 of the bytes, hexadecimal */
  sha256: string;
  /** Pixels */
  width: number;
  height: number;
}

export interface ItemError {
  code: string;
  message: string;
  retryable: boolean;
  /** Page on which it can be put right, relative to the address of the API, with `quota_exceeded` */
  link?: string | undefined;
}

export interface CreatedImagesBatch {
  /** One per item, in the same order */
  results: CreatedImages[];
}

export interface CreatedInvitation {
  invitation: Invitation;
  /** Shown in this answer alone; null in a repeat of it */
  secret: string | null;
  /** `shown_before`: this answers a repeated Idempotency-Key, and the secret is not kept */
  secretStatus: 'shown' | 'shown_before';
}

export interface Invitation {
  id: InvitationId;
  role: GivenRole;
  email: string | null;
  state: 'open' | 'accepted' | 'revoked' | 'expired';
  /** Principal */
  invitedBy: string;
  /** UTC, RFC 3339 */
  createdAt: string;
  /** UTC, RFC 3339 */
  expiresAt: string;
}

export interface CreatedToken {
  token: Token;
  /** Shown in this answer alone; null in a repeat of it */
  secret: string | null;
  /** `shown_before`: this answers a repeated Idempotency-Key, and the secret is not kept */
  secretStatus: 'shown' | 'shown_before';
}

export interface Token {
  id: TokenId;
  name: string;
  /** Whoever made it, and for whom it acts */
  principal: string;
  scopes: TokenScope[];
  state: 'live' | 'expired' | 'revoked';
  /** UTC, RFC 3339 */
  createdAt: string;
  /** UTC, RFC 3339 */
  expiresAt: string;
  /** To the minute */
  lastUsedAt: string | null;
}

export interface DeadLetter {
  jobId: JobId;
  accountId: AccountId;
  imageId: ImageId;
  attempts: number;
  error: ImageError;
  /** UTC, RFC 3339 */
  diedAt: string;
}

export interface DeadLetterPage {
  items: DeadLetter[];
  /** Pass as `cursor` for the next page; null on the last */
  nextCursor: string | null;
}

export interface Deletion {
  id: DeletionId;
  accountId: AccountId;
  state: DeletionState;
  /** Principal of the operator */
  requestedBy: string;
  /** UTC, RFC 3339 */
  requestedAt: string;
  /** Not before; until then it can be cancelled */
  dueAt: string;
  startedAt: string | null;
  /** When the store is looked at for the last time */
  lastLookAt: string | null;
  finishedAt: string | null;
  /** Rows that were removed, by table */
  rows: {
    [k: string]: number;
  };
  objects: {
    count: number;
    bytes: number;
    /** Over the keys in the order of their removal: each is the SHA-256 of the hash before it, a line feed, and `bucket/key` */
    keysSha256: string | null;
  };
}

export interface DeletionInput {
  /** Of the account, to the letter: so that it is this one */
  name: string;
  /**
   * Days in which it can be cancelled; the account is suspended meanwhile
   * @default 0
   */
  graceDays?: number | undefined;
}

export interface DeletionPage {
  items: Deletion[];
  /** Pass as `cursor` for the next page; null on the last */
  nextCursor: string | null;
}

export interface Download {
  /** Output name, or `original` */
  name: string;
  url: string;
  /** UTC, RFC 3339 */
  expiresAt: string;
  contentType: string;
  size: number;
  /** SHA-256 of the bytes, hexadecimal */
  sha256: string;
}

export interface Downloads {
  items: Download[];
}

export interface FinalizeUploads {
  /**
   * @minItems 1
   * @maxItems 100
   */
  uploadIds: UploadId[];
}

export interface Original {
  id: OriginalId;
  /** SHA-256 of the bytes, hexadecimal */
  sha256: string;
  /** Bytes */
  size: number;
  contentType: 'image/jpeg' | 'image/png' | 'image/webp' | 'image/avif' | 'image/heic';
  /** Pixels as stored, before the EXIF orientation */
  width: number;
  height: number;
  /** UTC, RFC 3339 */
  createdAt: string;
}

export interface FinalizedUploads {
  /** One per id, in the same order */
  results: FinalizedUpload[];
}

export interface Health {
  status: 'ok' | 'failing';
  checks?:
    | {
        [k: string]: 'ok' | 'failing';
      }
    | undefined;
  /** What stands behind each part: `objects` on `disk` or `s3`, for instance */
  adapters?:
    | {
        [k: string]: string;
      }
    | undefined;
}

export interface ImageEvent {
  type:
    | 'image.queued'
    | 'image.processing'
    | 'image.progress'
    | 'image.ready'
    | 'image.error'
    | 'image.canceled'
    | 'image.deleted';
  imageId: ImageId;
  projectId: ProjectId | null;
  state: ImageState;
  attempt: number;
  /** UTC, RFC 3339 */
  at: string;
  /** 0 to 1, with `image.progress` */
  progress?: number | undefined;
  /** What the engine is doing, with `image.progress` */
  stage?: string | undefined;
  /** With `image.queued` after a failed attempt */
  willRetry?: boolean | undefined;
  error?: ImageError | undefined;
}

export interface ImagePage {
  items: Image[];
  /** Pass as `cursor` for the next page; null on the last */
  nextCursor: string | null;
}

export interface InvitationAcceptance {
  /** What the inviting owner was shown */
  secret: string;
}

export interface InvitationInput {
  /** @default "member" */
  role?: GivenRole | undefined;
  /** A label to know it by; nothing is sent to it */
  email?: string | undefined;
  /** @default 7 */
  expiresInDays?: number | undefined;
}

export interface InvitationPage {
  items: Invitation[];
  /** Pass as `cursor` for the next page; null on the last */
  nextCursor: string | null;
}

export interface Invoice {
  id: string;
  /** As it stands on the invoice */
  number: string | null;
  status: 'open' | 'paid' | 'uncollectible' | 'void';
  totalCents: number;
  /** Of the total, what is left after balances */
  dueCents: number;
  currency: string;
  period: Period;
  /** UTC, RFC 3339 */
  createdAt: string;
  /** Page to look at it, and to pay it while it is open */
  url: string | null;
  pdfUrl: string | null;
}

export interface InvoicePage {
  items: Invoice[];
  /** Pass as `cursor` for the next page; null on the last */
  nextCursor: string | null;
}

export interface Job {
  id: JobId;
  accountId: AccountId;
  imageId: ImageId;
  projectId: ProjectId | null;
  engine: string;
  state: JobState;
  /** Null: the image was deleted */
  imageState: ImageState | null;
  /** 0 runs first */
  priority: number;
  attempt: number;
  maxAttempts: number;
  /** When it may run, or might */
  runAt: string;
  /** While a worker has it */
  leaseUntil: string | null;
  /** Of the last attempt that failed */
  error: ImageError | null;
  /** UTC, RFC 3339 */
  createdAt: string;
  /** UTC, RFC 3339 */
  updatedAt: string;
}

export interface JobChange {
  /** As it was asked for; a retry makes another one */
  jobId: string;
  accountId: AccountId;
  imageId: ImageId;
  imageState: ImageState;
}

export interface JobPage {
  items: Job[];
  /** Pass as `cursor` for the next page; null on the last */
  nextCursor: string | null;
}

export interface LayoutCamera1 {
  width: number;
  height: number;
  focal: number;
  /**
   * Principal point
   *
   * @minItems 2
   * @maxItems 2
   */
  centre: number[];
  /** Degrees; above 0 looks up */
  pitch: number;
  /** Degrees; above 0 is turned clockwise */
  roll: number;
  /** Degrees from the room’s axis to the viewing direction */
  yaw: number;
  /** Metres */
  aboveFloor: number;
}

export interface LayoutRoom1 {
  camera: LayoutCamera;
  /**
   * The floor that is seen, counter-clockwise from above. A piece beyond it is an error
   *
   * @minItems 3
   * @maxItems 200
   */
  floor: number[][];
  floorConfidence: number;
  /** @maxItems 100 */
  walls: LayoutWall[];
  /**
   * A piece in the way of a door or in front of a window is a warning
   *
   * @maxItems 100
   */
  openings: LayoutOpening[];
  /**
   * A piece on a fixture is an error; in the sun or in the way of a door, a warning
   *
   * @maxItems 100
   */
  keepOuts: LayoutKeepOut[];
}

export interface Me {
  /** Subject of the token */
  principal: string;
  account: {
    id: AccountId;
    name: string;
    /** The plan in force */
    plan: string;
  };
  role: Role;
  scopes: string[];
  credential: Credential;
  /** End of the token presented */
  expiresAt: string | null;
}

export interface Member {
  id: MemberId;
  /** Subject of its tokens */
  principal: string;
  kind: 'person' | 'machine';
  role: Role;
  /** As whoever invited wrote it; nobody has verified it */
  email: string | null;
  /** Of a machine client */
  name: string | null;
  /** UTC, RFC 3339 */
  createdAt: string;
}

export interface MemberChange {
  role: GivenRole;
}

export interface MemberPage {
  items: Member[];
  /** Pass as `cursor` for the next page; null on the last */
  nextCursor: string | null;
}

export interface Membership {
  account: {
    id: AccountId;
    name: string;
  };
  member: Member;
}

export interface PaymentsState {
  /** Null where the API has no key: it takes no payments */
  stripe: {
    /** Whether Stripe answers to the key of the API */
    answers: boolean;
    /** Why it does not */
    trouble: string | null;
    apiVersion: string | null;
    /** Whether real money moves */
    live: boolean | null;
    /** Lookup keys for which Stripe has no active price */
    missingPrices: string[];
  } | null;
  /** Whether the API has a signing secret; without one it takes no event */
  webhookSecret: boolean;
  events: {
    /** Waiting for a worker */
    received: number;
    /** Of customers who belong to no account */
    unknown: number;
    /** Failed too often, and wait for an operator */
    parked: number;
    lastReceivedAt: string | null;
    /** When the oldest came that waits for a worker */
    oldestWaitingAt: string | null;
  };
  /** Images above the limit of a plan */
  reports: {
    /** At most 10,000: beyond, it is as many at least */
    waiting: number;
    /** Not reported to Stripe, and not tried again */
    parked: number;
    /** When the oldest was delivered that Stripe does not know of */
    oldestWaitingAt: string | null;
  };
  /** The last one with Stripe; null: there was none yet */
  comparison: {
    /** UTC, RFC 3339 */
    endedAt: string;
    /** Subscriptions */
    compared: number;
    /** Those among them that differ from Stripe */
    drift: number;
  } | null;
}

export interface PingEvent {
  type: 'ping';
  /** UTC, RFC 3339 */
  at: string;
}

export interface Plan1 {
  id: PlanId;
  name: string;
  /** A month; hundredths of the currency */
  priceCents: number;
  currency: 'usd';
  /** Images a period; null: no limit */
  limit: number | null;
  /** An image above the limit, with pay-as-you-go; null: not offered */
  overageCents: number | null;
}

export interface PlanList {
  /** Those that an account can have, the smallest first */
  items: Plan1[];
}

export interface PortalSession {
  /** Open it within minutes; whoever has it may manage the plan */
  url: string;
}

export interface Problem {
  /** `urn:stager:error:` and the code */
  type: string;
  title: string;
  status: number;
  code:
    | 'invalid_request'
    | 'cursor_invalid'
    | 'unauthenticated'
    | 'payment_declined'
    | 'quota_exceeded'
    | 'insufficient_scope'
    | 'role_required'
    | 'no_account'
    | 'account_suspended'
    | 'not_found'
    | 'method_not_allowed'
    | 'request_timeout'
    | 'name_taken'
    | 'already_member'
    | 'last_owner'
    | 'limit_reached'
    | 'invalid_state'
    | 'idempotency_in_flight'
    | 'body_too_large'
    | 'unsupported_media_type'
    | 'idempotency_key_reused'
    | 'rate_limited'
    | 'headers_too_large'
    | 'internal'
    | 'billing_unavailable'
    | 'issuer_unavailable'
    | 'unavailable';
  /** What happened, which rule it broke and what to do about it */
  detail: string;
  requestId: string;
  retryable: boolean;
  /** The scope that is missing, with `insufficient_scope` */
  scope?: string | undefined;
  /** The role that is needed, with `role_required` */
  role?: string | undefined;
  /** Page on which it can be put right, relative to the address of the API, with `quota_exceeded` */
  link?: string | undefined;
  /** Every violation at once, with `invalid_request` */
  issues?:
    | {
        path: string;
        message: string;
      }[]
    | undefined;
}

export interface Project {
  id: ProjectId;
  name: string;
  /** UTC, RFC 3339 */
  createdAt: string;
  /** UTC, RFC 3339 */
  updatedAt: string;
}

export interface ProjectInput {
  name: string;
}

export interface ProjectPage {
  items: Project[];
  /** Pass as `cursor` for the next page; null on the last */
  nextCursor: string | null;
}

export interface ReconcileApply {
  /** The id of this very run: apply it although it was stopped, or changes more than is usual */
  override?: RunId | undefined;
}

export interface ReconcileRun {
  id: RunId;
  state:
    | 'queued'
    | 'scanning'
    | 'scanned'
    | 'stopped'
    | 'failed'
    | 'canceled'
    | 'apply_queued'
    | 'applying'
    | 'applied'
    | 'undo_queued'
    | 'undoing'
    | 'undone';
  /** Null: the whole installation */
  projectId: ProjectId | null;
  /** Null: all */
  kinds: ReconcileKind[] | null;
  since: string | null;
  deep: boolean;
  /** Begun by the schedule; such a run is applied by nobody but an admin */
  scheduled: boolean;
  /** Why it was stopped or failed */
  reason: {
    code: string;
    message: string;
  } | null;
  progress: ReconcileProgress;
  /** Findings by kind */
  counts: {
    [k: string]: number;
  };
  /** Findings that an apply would act on */
  changes: number;
  /** More than so many need the override */
  changesMax: number | null;
  /** SHA-256 over the findings, in order */
  planHash: string | null;
  /** What became of the findings so far */
  outcome: {
    applied: number;
    skipped: number;
    undone: number;
  };
  /** UTC, RFC 3339 */
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  /** Later it is too old to be applied */
  applyUntil: string | null;
  /** Principal; `schedule` for the schedule */
  requestedBy: string;
  appliedBy: string | null;
}

export interface ReconcileProgress {
  /** What is being looked at */
  phase: string;
  /** Rows seen */
  rows: number;
  /** Objects seen */
  objects: number;
  /** Rows and objects that there may be; an estimate */
  expected: number;
  /** Findings decided, when the run is applied or undone */
  done: number;
}

export interface ReconcileFinding {
  /** Its number within the run */
  seq: number;
  kind: ReconcileKind;
  accountId: AccountId | null;
  projectId: ProjectId | null;
  /** Id of the row that it is about */
  subject: string | null;
  bucket: ('uploads' | 'photos') | null;
  /** Of the object */
  key: string | null;
  expected: string | null;
  found: string | null;
  repair:
    | 'restage'
    | 'mark_error'
    | 'quarantine'
    | 'cancel_job'
    | 'remove_upload'
    | 'abort_multipart'
    | 'settle'
    | 'refund'
    | 'sync_subscription';
  state: 'open' | 'applied' | 'skipped' | 'undone';
  /** What was done, or why not */
  outcome: string | null;
  decidedAt: string | null;
}

export interface ReconcileFindingPage {
  items: ReconcileFinding[];
  /** Pass as `cursor` for the next page; null on the last */
  nextCursor: string | null;
}

export interface ReconcileInput {
  /** Only what belongs to this project; orphans cannot */
  projectId?: ProjectId | undefined;
  /** Only these kinds */
  kinds?: ReconcileKind[] | undefined;
  /** Only what was made since then */
  since?: string | undefined;
  /**
   * Read every object and compare its SHA-256
   * @default false
   */
  deep?: boolean | undefined;
}

export interface ReconcileRunPage {
  items: ReconcileRun[];
  /** Pass as `cursor` for the next page; null on the last */
  nextCursor: string | null;
}

export interface ReplayInput {
  /**
   * @minItems 1
   * @maxItems 100
   */
  jobIds: JobId[];
}

export interface ReplayedBatch {
  /** One per job, in the same order */
  results: Replayed[];
}

export interface ResetEvent {
  type: 'reset';
  reason: 'id_too_old' | 'id_unknown';
}

export interface SnapshotEvent {
  type: 'snapshot';
  /** Unfinished images at the moment of the cursor */
  images: Image[];
  /** More than 1000 are unfinished; list them instead */
  truncated: boolean;
}

export interface Spend {
  currency: 'usd';
  /** That are active or past due; trials are not counted */
  subscriptions: number;
  /** What these amount to a month, by the prices of the plans */
  monthlyCents: number;
  /** Images above the limits in the present periods */
  overageUnits: number;
  overageCents: number;
}

export interface Stats {
  /** UTC, RFC 3339 */
  at: string;
  accounts: {
    total: number;
    suspended: number;
  } | null;
  /** By state, without those that were deleted */
  images: ImageCounts | null;
  queue: {
    /** How long the oldest job that could run waits; null when none does */
    oldestDueSeconds: number | null;
  } | null;
  /** Of jobs that were made since then */
  failures: {
    /** UTC, RFC 3339 */
    since: string;
    done: number;
    dead: number;
    /** Share of those that have ended; null when none has */
    rate: number | null;
  } | null;
  storage: Storage | null;
  spend: Spend | null;
  /** Parts that could not be counted in time; they are null above */
  skipped: ('accounts' | 'images' | 'queue' | 'failures' | 'storage' | 'spend')[];
}

export interface UsageEvent {
  /** Four fifths, or all, of the images that the plan includes are used */
  type: 'billing.usage_warning' | 'billing.usage_exhausted';
  plan: PlanId;
  period: Period;
  /** Images of the plan that are ready or not finished yet */
  used: number;
  limit: number;
  /** UTC, RFC 3339 */
  at: string;
}

export interface StripeEventPage {
  items: StripeEventRecord[];
  /** Pass as `cursor` for the next page; null on the last */
  nextCursor: string | null;
}

export interface StripeEventRecord {
  id: StripeEventId;
  type: string;
  customerId: string | null;
  state: StripeEventState;
  attempts: number;
  /** Why it was not handled the last time */
  detail: string | null;
  /** When it happened at Stripe */
  createdAt: string;
  /** UTC, RFC 3339 */
  receivedAt: string;
  endedAt: string | null;
}

export interface Suspension {
  /** Kept in the audit log, for operators; name no person */
  reason: string;
}

export interface TokenInput {
  /** What it is for */
  name: string;
  /**
   * At most what the token that asks holds itself
   *
   * @minItems 1
   * @maxItems 7
   */
  scopes: TokenScope[];
  /** @default 90 */
  expiresInDays?: number | undefined;
}

export interface TokenPage {
  items: Token[];
  /** Pass as `cursor` for the next page; null on the last */
  nextCursor: string | null;
}

export interface UploadTickets {
  /** One per file, in the same order */
  results: UploadTicket[];
}

export interface Usage {
  /** In UTC: when the images were asked for */
  day: string;
  projectId: ProjectId | null;
  /** Images that count: ready or not finished yet */
  units: number;
  /** Those among them above the limit */
  overage: number;
}

export interface UsagePage {
  /** UTC, RFC 3339 */
  periodStart: string;
  /** One for each day and project, the newest day first */
  items: Usage[];
  /** Pass as `cursor` for the next page; null on the last */
  nextCursor: string | null;
}

export interface ListAccountsQuery {
  /**
   * Items a page
   * @default 50
   */
  limit?: number | undefined;
  /** `nextCursor` of the page before */
  cursor?: string | undefined;
  state?: ('active' | 'suspended') | undefined;
}

export interface ListClientsQuery {
  /**
   * Items a page
   * @default 50
   */
  limit?: number | undefined;
  /** `nextCursor` of the page before */
  cursor?: string | undefined;
}

export interface ListAuditQuery {
  /**
   * Items a page
   * @default 50
   */
  limit?: number | undefined;
  /** `nextCursor` of the page before */
  cursor?: string | undefined;
  account?: AccountId | undefined;
  principal?: string | undefined;
  /** Id of what was acted on */
  object?: string | undefined;
  action?: string | undefined;
  /** UTC, RFC 3339 */
  since?: string | undefined;
}

export interface ListDeadLettersQuery {
  /**
   * Items a page
   * @default 50
   */
  limit?: number | undefined;
  /** `nextCursor` of the page before */
  cursor?: string | undefined;
  /** Code of the error */
  code?: string | undefined;
  account?: AccountId | undefined;
}

export interface ListAccountDeletionsQuery {
  /**
   * Items a page
   * @default 50
   */
  limit?: number | undefined;
  /** `nextCursor` of the page before */
  cursor?: string | undefined;
}

export interface ListJobsQuery {
  /**
   * Items a page
   * @default 50
   */
  limit?: number | undefined;
  /** `nextCursor` of the page before */
  cursor?: string | undefined;
  state?: ('queued' | 'running' | 'dead') | undefined;
  /** Only of this account, the newest image first */
  account?: AccountId | undefined;
}

export interface ListReconcileRunsQuery {
  /**
   * Items a page
   * @default 50
   */
  limit?: number | undefined;
  /** `nextCursor` of the page before */
  cursor?: string | undefined;
}

export interface ListReconcileFindingsQuery {
  /**
   * Items a page
   * @default 50
   */
  limit?: number | undefined;
  /** `nextCursor` of the page before */
  cursor?: string | undefined;
  kind?: ReconcileKind | undefined;
  state?: ('open' | 'applied' | 'skipped' | 'undone') | undefined;
}

export interface ListStripeEventsQuery {
  /**
   * Items a page
   * @default 50
   */
  limit?: number | undefined;
  /** `nextCursor` of the page before */
  cursor?: string | undefined;
  /** @default "parked" */
  state?: StripeEventState | undefined;
}

export interface ListInvoicesQuery {
  /**
   * Items a page
   * @default 50
   */
  limit?: number | undefined;
  /** `nextCursor` of the page before */
  cursor?: string | undefined;
}

export interface GetBillingUsageQuery {
  /**
   * Items a page
   * @default 50
   */
  limit?: number | undefined;
  /** `nextCursor` of the page before */
  cursor?: string | undefined;
  /** A moment in the period, such as its start. Default: the present one */
  periodStart?: string | undefined;
}

export interface StreamEventsQuery {
  projectId?: ProjectId | undefined;
  imageId?: ImageId | undefined;
  /** Same as the header `Last-Event-ID`, which wins */
  after?: string | undefined;
}

export interface ListImagesQuery {
  /**
   * Items a page
   * @default 50
   */
  limit?: number | undefined;
  /** `nextCursor` of the page before */
  cursor?: string | undefined;
  projectId?: ProjectId | undefined;
  state?: ImageState | undefined;
}

export interface ListInvitationsQuery {
  /**
   * Items a page
   * @default 50
   */
  limit?: number | undefined;
  /** `nextCursor` of the page before */
  cursor?: string | undefined;
}

export interface ListMembersQuery {
  /**
   * Items a page
   * @default 50
   */
  limit?: number | undefined;
  /** `nextCursor` of the page before */
  cursor?: string | undefined;
}

export interface ListProjectsQuery {
  /**
   * Items a page
   * @default 50
   */
  limit?: number | undefined;
  /** `nextCursor` of the page before */
  cursor?: string | undefined;
}

export interface ListTokensQuery {
  /**
   * Items a page
   * @default 50
   */
  limit?: number | undefined;
  /** `nextCursor` of the page before */
  cursor?: string | undefined;
}
