import {
  type EventClaim,
  type PaymentJobs,
  type Payments,
  PaymentsError,
  StoreUnavailable,
} from '../../../ports/index.ts';
import { chargeOf, noteOf } from './eventTypes.ts';
import { MAX_ATTEMPTS, retryDelay, unknownDelay } from './retry.ts';
import { act } from './settlePlan.ts';
import { type Found, syncCustomer } from './syncCustomer.ts';

/** Events of one claim: they cost one look at Stripe together. */
const BATCH = 500;
/** Longer than a look at Stripe takes. Who takes longer still loses the claim to another worker, and no state. */
const LEASE_MS = 30_000;
/** An outage is no fault of the event. */
const OUTAGE_MS = 30_000;

export interface EventLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface HandleDeps {
  readonly jobs: PaymentJobs;
  readonly payments: Pick<Payments, 'readCustomer' | 'customerOfCharge'>;
  readonly log: EventLog;
  readonly now: () => Date;
  readonly random: () => number;
  /** So long a plan holds whose payment has failed. */
  readonly graceMs: number;
}

/**
 * Handles the events of one customer that are due. Claiming, asking and writing are three steps, and between any two
 * this process may end: the events are due again when their lease is over.
 * @returns whether there were any
 * @throws PaymentsError, StoreUnavailable in an outage; the events are tried again
 */
export async function handleNextEvents(deps: HandleDeps): Promise<boolean> {
  const { jobs, log } = deps;
  const claim = await jobs.claimEvents(BATCH, LEASE_MS);
  if (!claim) return false;
  const { lease, events } = claim;
  const attempts = Math.max(...events.map((event) => event.attempts));
  const ids = events.map(({ id }) => id);
  try {
    // Whoever tried before was ended by it, and had no time to say so.
    if (attempts > MAX_ATTEMPTS)
      throw new Error('every worker that tried this event has ended without a word');
    await handleClaim(deps, claim);
  } catch (error) {
    const detail = describe(error);
    if (isOutage(error)) {
      const retryAt = new Date(deps.now().getTime() + OUTAGE_MS * (1 + deps.random()));
      await jobs.failEvents(lease, { detail, retryAt, counts: false });
      throw error;
    }
    const delay = retryDelay(attempts, deps.random);
    const retryAt = delay === null ? null : new Date(deps.now().getTime() + delay);
    await jobs.failEvents(lease, { detail, retryAt, counts: true });
    if (retryAt) log.warn({ err: error, ids, attempts }, 'events of Stripe were not handled; trying again');
    else log.error({ err: error, ids, attempts }, 'events of Stripe are parked');
  }
  return true;
}

async function handleClaim(deps: HandleDeps, claim: EventClaim): Promise<void> {
  const { jobs, log, now, graceMs } = deps;
  const found = await look(deps, claim);
  const doubled = await jobs.transaction(async (tx) => {
    const ids = await tx.holdEvents(claim.lease);
    if (ids.length === 0) return undefined;
    if (!found) {
      await tx.finishEvents(ids, 'ignored', 'it names no customer');
      return undefined;
    }
    const synced = await syncCustomer(tx, found, { now: now(), graceMs });
    if (synced === 'unknown') {
      const age = now().getTime() - Math.min(...claim.events.map((event) => event.receivedAt.getTime()));
      const dueAt = new Date(now().getTime() + unknownDelay(age));
      await tx.postponeEvents(ids, dueAt, `customer ${found.customerId} belongs to no account`);
      return undefined;
    }
    if (synced === 'nobody') {
      await tx.finishEvents(ids, 'handled', `customer ${found.customerId} is gone`);
      return undefined;
    }
    const held = new Set(ids);
    const notes = claim.events
      .filter(({ id }) => held.has(id))
      .map(({ type, payload }) => noteOf(type, payload))
      .filter((note) => note !== null);
    await tx.audit(
      synced.accountId,
      notes.map(({ action, objectId, detail }) => act(action, objectId, detail)),
    );
    await tx.finishEvents(ids, 'handled', null);
    return synced.inForce.length > 1 ? synced : undefined;
  });
  if (doubled) log.error(doubled, 'an account pays for more than one subscription');
}

/** What Stripe says of the customer now; null of an event that has none. */
async function look(
  { jobs, payments }: HandleDeps,
  { customerId, events }: EventClaim,
): Promise<Found | null> {
  const [event] = events;
  const charge = customerId === null && event ? chargeOf(event.type, event.payload) : null;
  const id = customerId ?? (charge && (await payments.customerOfCharge(charge)));
  if (!id) return null;
  const read = await jobs.beginRead();
  return { customerId: id, customer: await payments.readCustomer(id), read };
}

export function isOutage(error: unknown): boolean {
  if (error instanceof StoreUnavailable) return true;
  return error instanceof PaymentsError && (error.code === 'unavailable' || error.code === 'misconfigured');
}

/** What operators read beside a parked event. */
export function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
