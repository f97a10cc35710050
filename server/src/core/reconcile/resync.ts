import type { Decision, FindingRow, RepairTx } from '../../ports/index.ts';
import { type Found, type SyncOptions, syncCustomer } from '../billing/stripe/syncCustomer.ts';
import type { SubscriptionDrift, Subscriptions } from './subscriptions.ts';

/** Decides in the transaction of its finding, when Stripe has been asked already. */
export type Resync = (tx: RepairTx) => Promise<Decision>;

const skipped = (outcome: string): Decision => ({ state: 'skipped', outcome });

/**
 * Repairs subscriptions as an event of Stripe would: its customer is asked for again, and what Stripe says is written,
 * unless somebody has written what is newer. All is compared once more for each apply, and each customer asked for once.
 */
export function createResync(
  subscriptions: Subscriptions | null,
  now: Date,
): (finding: FindingRow) => Promise<Resync> {
  let drift: ReadonlyMap<string, SubscriptionDrift> | undefined;
  const customers = new Map<string, Found>();

  async function read(id: string): Promise<Found> {
    const found = customers.get(id) ?? (await subscriptions?.read(id));
    if (!found) throw new Error('nobody takes money here');
    customers.set(id, found);
    return found;
  }

  return async ({ subject, found }) => {
    if (!subscriptions) return async () => skipped('Payments are not configured any more.');
    drift ??= new Map((await subscriptions.compare()).map((one) => [one.subscriptionId, one]));
    const still = drift.get(subject ?? '');
    if (still?.found !== found) return async () => skipped('The subscription has changed since.');
    const asked: Found[] = [];
    for (const id of still.customers) asked.push(await read(id));
    return (tx) => write(tx, asked, { now, graceMs: subscriptions.graceMs });
  };
}

async function write(tx: RepairTx, asked: readonly Found[], options: SyncOptions): Promise<Decision> {
  const stranger = asked.find(({ customer }) => customer === undefined);
  if (stranger)
    return skipped(
      `Stripe does not know ${stranger.customerId}: is STAGER_STRIPE_SECRET_KEY the key of another account?`,
    );
  let known = 0;
  for (const found of asked) {
    const synced = await syncCustomer(tx.payments, found, options);
    if (typeof synced !== 'string') known += 1;
  }
  if (known === 0) return skipped('Its customer belongs to no account.');
  return { state: 'applied', outcome: 'It is what it is at Stripe.' };
}
