import type { ImageState } from '../../contract/index.ts';
import type { ImageRow, RevivedJob } from '../../ports/index.ts';
import { grantUnits, take } from '../billing/quota.ts';
import { lockStanding, quotaExceeded, reservationOf, type Tariff, usageEvents } from '../billing/reserve.ts';
import { type Act, audit } from '../context.ts';
import { DomainError, notFound } from '../errors.ts';
import { newId } from '../ids.ts';
import { MAX_ATTEMPTS } from './createImages.ts';
import { imageEvent } from './events.ts';

/** From which states an act of a person leads where. What the worker does stands with the jobs. */
const TRANSITIONS = {
  retry: { from: ['error', 'canceled'], to: 'queued' },
  cancel: { from: ['queued', 'processing'], to: 'canceled' },
} as const satisfies Record<string, { from: readonly ImageState[]; to: ImageState }>;

/** Priority of work that a person asked for once more. */
const RETRY_PRIORITY = 1;

export function canMove(act: keyof typeof TRANSITIONS, state: ImageState): boolean {
  return TRANSITIONS[act].from.some((from) => from === state);
}

async function lockImage(act: Act, id: string): Promise<ImageRow> {
  const image = await act.tx.images.getForUpdate(act.caller.accountId, id);
  if (!image) throw notFound('image', id);
  return image;
}

function refuseMove(image: ImageRow, wish: string): DomainError {
  return new DomainError(
    'invalid_state',
    `Image ${image.id} is ${image.state}; only ${wish}. Nothing was changed.`,
  );
}

/** The unit of the run that failed was given back; this one takes another. */
export async function retryImage(act: Act, tariff: Tariff, id: string): Promise<ImageRow> {
  const owner = act.caller.accountId;
  const image = await lockImage(act, id);
  if (!canMove('retry', image.state)) {
    throw refuseMove(image, 'an image that ended as error or canceled can be retried');
  }
  // Paid already, ready once and lost since.
  const unit = (await act.tx.billing.isPaid(owner, id)) ? undefined : await grantOne(act, tariff, image);
  const job = { id: newId('job'), imageId: id, priority: RETRY_PRIORITY, maxAttempts: MAX_ATTEMPTS };
  const queued = await act.tx.images.setState(owner, id, 'queued', null);
  await act.tx.jobs.queue(owner, {
    jobs: [job],
    reservation: unit?.reservation ?? null,
    events: [imageEvent(queued, 'image.queued', act.now), ...(unit?.events ?? [])],
  });
  await audit(act, 'image.retry', [id]);
  await act.tx.outbox.add([
    { kind: 'job', jobId: job.id },
    { kind: 'events', accountId: owner },
  ]);
  return queued;
}

async function grantOne(act: Act, tariff: Tariff, { id, projectId }: ImageRow) {
  const standing = await lockStanding(act, tariff.plans);
  const grant = grantUnits(standing.allowance, 1);
  if (!grant) throw quotaExceeded(act, tariff, standing, standing.allowance, 1);
  const allowance = take(standing.allowance, grant);
  const taken = [{ imageId: id, overage: grant.overage > 0 }];
  return {
    reservation: reservationOf(act, standing, allowance, { projectId, taken }),
    events: usageEvents(standing, allowance, act.now),
  };
}

/**
 * Dead jobs get all their attempts again. What failed by our fault costs nothing: no unit is taken. It is told by
 * `tellOfReplay`, when the last account of the transaction has its place in the line.
 */
export function replayImages({ tx, caller }: Act, jobIds: readonly string[]): Promise<RevivedJob[]> {
  return tx.jobs.revive(caller.accountId, jobIds);
}

export async function tellOfReplay(act: Act, revived: readonly RevivedJob[]): Promise<void> {
  if (revived.length === 0) return;
  const owner = act.caller.accountId;
  await audit(
    act,
    'image.replay',
    revived.map(({ imageId }) => imageId),
  );
  await act.tx.outbox.add([
    ...revived.map(({ id }) => ({ kind: 'job', jobId: id }) as const),
    { kind: 'events', accountId: owner },
  ]);
  await act.tx.events.append(
    owner,
    revived.map(({ imageId, projectId }) =>
      imageEvent({ id: imageId, projectId, state: 'queued', attempts: 0 }, 'image.queued', act.now),
    ),
  );
}

export async function cancelImage(act: Act, id: string): Promise<ImageRow> {
  const image = await lockImage(act, id);
  if (!canMove('cancel', image.state))
    throw refuseMove(image, 'an image that is queued or processing can be canceled');
  const canceled = await stopWork(act, id);
  await audit(act, 'image.cancel', [id]);
  await act.tx.outbox.add([{ kind: 'events', accountId: act.caller.accountId }]);
  await act.tx.events.append(act.caller.accountId, [imageEvent(canceled, 'image.canceled', act.now)]);
  return canceled;
}

/** Voids the lease, so that a worker in the middle of it can write nothing any more. */
async function stopWork(act: Act, id: string): Promise<ImageRow> {
  await act.tx.jobs.cancelForImage(act.caller.accountId, id);
  return act.tx.images.setState(act.caller.accountId, id, 'canceled', null);
}

export async function deleteImage(act: Act, id: string): Promise<void> {
  const owner = act.caller.accountId;
  let image = await lockImage(act, id);
  if (canMove('cancel', image.state)) image = await stopWork(act, id);
  await act.tx.images.remove(owner, id);
  await audit(act, 'image.delete', [id]);
  await act.tx.outbox.add([
    ...image.outputs.map(
      (output) => ({ kind: 'remove_object', bucket: 'photos', key: output.objectKey }) as const,
    ),
    { kind: 'events', accountId: owner },
  ]);
  await act.tx.events.append(owner, [imageEvent(image, 'image.deleted', act.now)]);
}
