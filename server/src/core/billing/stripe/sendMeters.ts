import type { DueMeter, PaymentJobs, Payments } from '../../../ports/index.ts';
import { describe, type EventLog, isOutage } from './handleEvents.ts';
import { retryDelay } from './retry.ts';

const BATCH = 50;
const LEASE_MS = 120_000;
const AT_ONCE = 5;
const OUTAGE_MS = 30_000;
/** A customer that was deleted at Stripe is followed by another at the next purchase. */
const NO_CUSTOMER_MS = 60 * 60_000;
/** Stripe takes nothing older than 35 days; a day is left for what is under way. */
const MAX_AGE_MS = 34 * 24 * 60 * 60 * 1000;

export interface MeterDeps {
  readonly jobs: Pick<PaymentJobs, 'claimMeters' | 'markMeterSent' | 'failMeter'>;
  readonly payments: Pick<Payments, 'reportImage'>;
  readonly log: EventLog;
  readonly now: () => Date;
  readonly random: () => number;
}

/**
 * Reports delivered images above a limit until Stripe has accepted each: once, since it counts an entry of the ledger once.
 * @returns how many were due
 * @throws PaymentsError in an outage; what was not accepted is tried again
 */
export async function sendMeters(deps: MeterDeps): Promise<number> {
  const due = await deps.jobs.claimMeters(BATCH, LEASE_MS);
  const left = [...due];
  const outages: unknown[] = [];
  const lane = async () => {
    for (let meter = left.pop(); meter; meter = left.pop()) {
      const outage = await sendOne(deps, meter);
      if (outage) outages.push(outage);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  if (outages.length > 0) throw outages[0];
  return due.length;
}

/** Answers with the error of an outage, which is not the fault of the report. */
async function sendOne(deps: MeterDeps, meter: DueMeter): Promise<unknown> {
  const { jobs, payments, log, now, random } = deps;
  const { accountId, entryId, customerId, deliveredAt, attempts } = meter;
  if (now().getTime() - deliveredAt.getTime() > MAX_AGE_MS) {
    const detail = 'it was delivered longer ago than Stripe accepts';
    log.error({ accountId, entryId, detail }, 'an image above its limit is not reported to Stripe');
    await jobs.failMeter(meter, { detail, retryAt: null, counts: true });
    return undefined;
  }
  if (customerId === null) {
    const detail = 'the account has no customer at Stripe';
    log.warn({ accountId, entryId, detail }, 'an image above its limit waits to be reported to Stripe');
    const retryAt = new Date(now().getTime() + NO_CUSTOMER_MS);
    await jobs.failMeter(meter, { detail, retryAt, counts: false });
    return undefined;
  }
  try {
    await payments.reportImage({ entryId, customerId, deliveredAt });
    await jobs.markMeterSent(accountId, entryId);
    return undefined;
  } catch (error) {
    const outage = isOutage(error);
    const delay = outage ? OUTAGE_MS * (1 + random()) : retryDelay(attempts, random);
    const retryAt = delay === null ? null : new Date(now().getTime() + delay);
    await jobs.failMeter(meter, { detail: describe(error), retryAt, counts: !outage });
    if (!retryAt)
      log.error({ err: error, accountId, entryId }, 'an image above its limit is not reported to Stripe');
    return outage ? error : undefined;
  }
}
