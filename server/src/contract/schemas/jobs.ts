import { z } from 'zod';
import { ItemError } from '../errors.ts';
import { AccountId, BATCH_MAX, ImageId, JobId, PageQuery, ProjectId, pageOf, Timestamp } from './common.ts';
import { ImageError, ImageState } from './images.ts';

export const JobState = z.enum(['queued', 'running', 'done', 'dead', 'canceled']).meta({ id: 'JobState' });
export type JobState = z.infer<typeof JobState>;

/** States by which jobs can be listed: those in which an operator may have something to do. */
export const LISTED_JOB_STATES = ['queued', 'running', 'dead'] as const satisfies readonly JobState[];

/** A series of attempts to make an image. What customers call it, and what is in it, is theirs alone. */
export const Job = z
  .strictObject({
    id: JobId,
    accountId: AccountId,
    imageId: ImageId,
    projectId: ProjectId.nullable(),
    engine: z.string(),
    state: JobState,
    imageState: ImageState.nullable().describe('Null: the image was deleted'),
    priority: z.int().describe('0 runs first'),
    attempt: z.int(),
    maxAttempts: z.int(),
    runAt: Timestamp.describe('When it may run, or might'),
    leaseUntil: Timestamp.nullable().describe('While a worker has it'),
    error: ImageError.nullable().describe('Of the last attempt that failed'),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  })
  .meta({ id: 'Job' });
export type Job = z.infer<typeof Job>;

export const JobPage = pageOf(Job).meta({ id: 'JobPage' });
export const JobParams = z.strictObject({ jobId: JobId });
export const JobListQuery = PageQuery.extend({
  state: z.enum(LISTED_JOB_STATES).optional(),
  account: AccountId.optional().describe('Only of this account, the newest image first'),
});
export type JobListQuery = z.output<typeof JobListQuery>;

export const JobChange = z
  .strictObject({
    jobId: JobId.describe('As it was asked for; a retry makes another one'),
    accountId: AccountId,
    imageId: ImageId,
    imageState: ImageState,
  })
  .meta({ id: 'JobChange' });
export type JobChange = z.infer<typeof JobChange>;

export const DeadLetter = z
  .strictObject({
    jobId: JobId,
    accountId: AccountId,
    imageId: ImageId,
    attempts: z.int(),
    error: ImageError,
    diedAt: Timestamp,
  })
  .meta({ id: 'DeadLetter' });
export type DeadLetter = z.infer<typeof DeadLetter>;

export const DeadLetterPage = pageOf(DeadLetter).meta({ id: 'DeadLetterPage' });
export const DeadLetterQuery = PageQuery.extend({
  code: z
    .string()
    .regex(/^[a-z_]{1,60}$/, 'must be the code of an error, such as worker_lost')
    .optional()
    .describe('Code of the error'),
  account: AccountId.optional(),
});

export const ReplayInput = z
  .strictObject({ jobIds: z.array(JobId).min(1).max(BATCH_MAX) })
  .meta({ id: 'ReplayInput' });

export const Replayed = z
  .discriminatedUnion('status', [
    z.strictObject({ status: z.literal('queued'), jobId: JobId, imageId: ImageId }),
    z.strictObject({ status: z.literal('error'), jobId: JobId, error: ItemError }),
  ])
  .meta({ id: 'Replayed' });
export type Replayed = z.infer<typeof Replayed>;

export const ReplayedBatch = z
  .strictObject({ results: z.array(Replayed).describe('One per job, in the same order') })
  .meta({ id: 'ReplayedBatch' });
