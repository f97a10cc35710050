import { z } from 'zod';
import { AccountId, idSchema, PageQuery, ProjectId, pageOf, Timestamp } from './common.ts';

/** Every kind of drift that reconciliation finds. The codes never change their meaning. */
export const RECONCILE_KINDS = [
  'missing_original',
  'missing_output',
  'ready_without_output',
  'orphan_object',
  'size_mismatch',
  'hash_mismatch',
  'stuck_queued',
  'stuck_processing',
  'job_without_image',
  'upload_unfinalized',
  'multipart_leftover',
  'ledger_mismatch',
  'subscription_mismatch',
] as const;
export const ReconcileKind = z.enum(RECONCILE_KINDS).meta({ id: 'ReconcileKind' });
export type ReconcileKind = z.infer<typeof ReconcileKind>;

/** What is done about a finding when its run is applied. */
export const RECONCILE_REPAIRS = [
  'restage',
  'mark_error',
  'quarantine',
  'cancel_job',
  'remove_upload',
  'abort_multipart',
  'settle',
  'refund',
  'sync_subscription',
] as const;
export const ReconcileRepair = z.enum(RECONCILE_REPAIRS);
export type ReconcileRepair = z.infer<typeof ReconcileRepair>;

export const RECONCILE_STATES = [
  'queued',
  'scanning',
  'scanned',
  'stopped',
  'failed',
  'canceled',
  'apply_queued',
  'applying',
  'applied',
  'undo_queued',
  'undoing',
  'undone',
] as const;
export const ReconcileState = z.enum(RECONCILE_STATES);
export type ReconcileState = z.infer<typeof ReconcileState>;

export const RunId = idSchema('rec').meta({ id: 'RunId' });
export const RunParams = z.strictObject({ runId: RunId });

export const ReconcileInput = z
  .strictObject({
    projectId: ProjectId.optional().describe('Only what belongs to this project; orphans cannot'),
    kinds: z.array(ReconcileKind).min(1).max(RECONCILE_KINDS.length).optional().describe('Only these kinds'),
    since: Timestamp.optional().describe('Only what was made since then'),
    deep: z.boolean().default(false).describe('Read every object and compare its SHA-256'),
  })
  .meta({ id: 'ReconcileInput' });
export type ReconcileInput = z.output<typeof ReconcileInput>;

export const ReconcileApply = z
  .strictObject({
    override: RunId.optional().describe(
      'The id of this very run: apply it although it was stopped, or changes more than is usual',
    ),
  })
  .meta({ id: 'ReconcileApply' });

export const ReconcileProgress = z
  .strictObject({
    phase: z.string().describe('What is being looked at'),
    rows: z.int().min(0).describe('Rows seen'),
    objects: z.int().min(0).describe('Objects seen'),
    expected: z.int().min(0).describe('Rows and objects that there may be; an estimate'),
    done: z.int().min(0).describe('Findings decided, when the run is applied or undone'),
  })
  .meta({ id: 'ReconcileProgress' });
export type ReconcileProgress = z.infer<typeof ReconcileProgress>;

export const ReconcileRun = z
  .strictObject({
    id: RunId,
    state: ReconcileState,
    projectId: ProjectId.nullable().describe('Null: the whole installation'),
    kinds: z.array(ReconcileKind).nullable().describe('Null: all'),
    since: Timestamp.nullable(),
    deep: z.boolean(),
    scheduled: z.boolean().describe('Begun by the schedule; such a run is applied by nobody but an admin'),
    reason: z
      .strictObject({ code: z.string(), message: z.string() })
      .nullable()
      .describe('Why it was stopped or failed'),
    progress: ReconcileProgress,
    counts: z.partialRecord(ReconcileKind, z.int().min(0)).describe('Findings by kind'),
    changes: z.int().min(0).describe('Findings that an apply would act on'),
    changesMax: z.int().min(0).nullable().describe('More than so many need the override'),
    planHash: z.string().nullable().describe('SHA-256 over the findings, in order'),
    outcome: z
      .strictObject({ applied: z.int(), skipped: z.int(), undone: z.int() })
      .describe('What became of the findings so far'),
    createdAt: Timestamp,
    startedAt: Timestamp.nullable(),
    finishedAt: Timestamp.nullable(),
    applyUntil: Timestamp.nullable().describe('Later it is too old to be applied'),
    requestedBy: z.string().describe('Principal; `schedule` for the schedule'),
    appliedBy: z.string().nullable(),
  })
  .meta({ id: 'ReconcileRun' });
export type ReconcileRun = z.infer<typeof ReconcileRun>;

export const ReconcileRunPage = pageOf(ReconcileRun).meta({ id: 'ReconcileRunPage' });

export const ReconcileFinding = z
  .strictObject({
    seq: z.int().min(1).describe('Its number within the run'),
    kind: ReconcileKind,
    accountId: AccountId.nullable(),
    projectId: ProjectId.nullable(),
    subject: z.string().nullable().describe('Id of the row that it is about'),
    bucket: z.enum(['uploads', 'photos']).nullable(),
    key: z.string().nullable().describe('Of the object'),
    expected: z.string().nullable(),
    found: z.string().nullable(),
    repair: ReconcileRepair,
    state: z.enum(['open', 'applied', 'skipped', 'undone']),
    outcome: z.string().nullable().describe('What was done, or why not'),
    decidedAt: Timestamp.nullable(),
  })
  .meta({ id: 'ReconcileFinding' });
export type ReconcileFinding = z.infer<typeof ReconcileFinding>;

export const FindingsQuery = PageQuery.extend({
  kind: ReconcileKind.optional(),
  state: ReconcileFinding.shape.state.optional(),
});
export const ReconcileFindingPage = pageOf(ReconcileFinding).meta({ id: 'ReconcileFindingPage' });

/** What the stream of a run sends. */
export const ReconcileEvent = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('run'), run: ReconcileRun }),
    z.strictObject({ type: z.literal('ping'), at: Timestamp }),
    z.strictObject({
      type: z.literal('bye'),
      reason: z.enum(['shutdown', 'token_expired', 'access_ended', 'too_slow']),
    }),
  ])
  .meta({ id: 'ReconcileEvent' });
export type ReconcileEvent = z.infer<typeof ReconcileEvent>;
