import { z } from 'zod';
import { Period, PlanId } from './billing.ts';
import { ImageId, ProjectId, Timestamp } from './common.ts';
import { Image, ImageError, ImageState } from './images.ts';

/** Largest number of unfinished images in a snapshot. */
export const SNAPSHOT_MAX = 1000;
/** Seconds between two `ping` events. */
export const PING_SECONDS = 15;

export const EventsQuery = z.strictObject({
  projectId: ProjectId.optional(),
  imageId: ImageId.optional(),
  after: z.string().max(40).optional().describe('Same as the header `Last-Event-ID`, which wins'),
});

export const SnapshotEvent = z
  .strictObject({
    type: z.literal('snapshot'),
    images: z.array(Image).describe('Unfinished images at the moment of the cursor'),
    truncated: z.boolean().describe(`More than ${SNAPSHOT_MAX} are unfinished; list them instead`),
  })
  .meta({ id: 'SnapshotEvent' });

export const ImageEvent = z
  .strictObject({
    type: z.enum([
      'image.queued',
      'image.processing',
      'image.progress',
      'image.ready',
      'image.error',
      'image.canceled',
      'image.deleted',
    ]),
    imageId: ImageId,
    projectId: ProjectId.nullable(),
    state: ImageState,
    attempt: z.int(),
    at: Timestamp,
    progress: z.number().optional().describe('0 to 1, with `image.progress`'),
    stage: z.string().optional().describe('What the engine is doing, with `image.progress`'),
    willRetry: z.boolean().optional().describe('With `image.queued` after a failed attempt'),
    error: ImageError.optional(),
  })
  .meta({ id: 'ImageEvent' });
export type ImageEvent = z.infer<typeof ImageEvent>;

export const BillingPlanEvent = z
  .strictObject({
    type: z.literal('billing.plan_changed').describe('Another plan is in force from now on'),
    plan: PlanId,
    previousPlan: PlanId,
    at: Timestamp,
  })
  .meta({ id: 'BillingPlanEvent' });
export type BillingPlanEvent = z.infer<typeof BillingPlanEvent>;

/** Told once a period and limit, to whoever follows the account. */
export const UsageEvent = z
  .strictObject({
    type: z
      .enum(['billing.usage_warning', 'billing.usage_exhausted'])
      .describe('Four fifths, or all, of the images that the plan includes are used'),
    plan: PlanId,
    period: Period,
    used: z.int().describe('Images of the plan that are ready or not finished yet'),
    limit: z.int(),
    at: Timestamp,
  })
  .meta({ id: 'UsageEvent' });
export type UsageEvent = z.infer<typeof UsageEvent>;

export const PingEvent = z.strictObject({ type: z.literal('ping'), at: Timestamp }).meta({ id: 'PingEvent' });
export const ResetEvent = z
  .strictObject({ type: z.literal('reset'), reason: z.enum(['id_too_old', 'id_unknown']) })
  .meta({ id: 'ResetEvent' });
export const ByeEvent = z
  .strictObject({
    type: z.literal('bye'),
    reason: z.enum(['token_expired', 'shutdown', 'too_slow', 'access_ended']),
  })
  .meta({ id: 'ByeEvent' });

/**
 * Data of one server-sent event; the SSE field `event` repeats `type`. Events about images and usage carry an
 * SSE `id`; `Last-Event-ID` resumes behind it. `snapshot` opens a stream without an id to resume from,
 * `reset` tells that the id is of no use and a snapshot follows, `bye` tells why the server ends it.
 */
export const StreamEvent = z
  .discriminatedUnion('type', [
    SnapshotEvent,
    ImageEvent,
    BillingPlanEvent,
    UsageEvent,
    PingEvent,
    ResetEvent,
    ByeEvent,
  ])
  .meta({ id: 'StreamEvent' });
export type StreamEvent = z.infer<typeof StreamEvent>;
