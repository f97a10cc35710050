import type { Credential } from '../../../contract/index.ts';
import type {
  AccountStore,
  Caller,
  Payments,
  StripeWriteKind,
  StripeWriteRow,
} from '../../../ports/index.ts';
import { PaymentsError } from '../../../ports/index.ts';
import { requireStill } from '../../accounts/members.ts';
import { type Act, audit } from '../../context.ts';
import { DomainError } from '../../errors.ts';
import { newId } from '../../ids.ts';

/** Where an owner buys and changes plans: several transactions, and calls to Stripe between them. */
export interface Desk {
  readonly store: AccountStore;
  /** Null where this installation takes no payments. */
  readonly payments: Payments | null;
  readonly caller: Caller;
  readonly credential: Credential;
  readonly requestId: string;
  readonly ip?: string | undefined;
  readonly now: Date;
}

export interface Asked {
  readonly kind: StripeWriteKind;
  /** What makes two of a kind the same one: a repeat has the answer of the first. */
  readonly ref: string;
  readonly request: object;
}

/** @throws DomainError `billing_unavailable` */
export function paymentsOf({ payments }: Pick<Desk, 'payments'>): Payments {
  if (payments) return payments;
  throw new DomainError(
    'billing_unavailable',
    'This installation takes no payments: its operator has not set STAGER_STRIPE_SECRET_KEY.',
  );
}

/** A transaction at a desk, or of a request. */
export type DeskAct = Omit<Act, 'now'>;

/** Records what is going to be asked of Stripe, by an owner, in a transaction that ends before Stripe is asked. */
export async function beginWrite(desk: Desk, asked: Asked): Promise<StripeWriteRow> {
  return desk.store.transaction(async (tx) => {
    await requireStill({ tx, caller: desk.caller }, 'owner');
    return begin({ ...desk, tx }, asked);
  });
}

export async function begin(act: DeskAct, { kind, ref, request }: Asked): Promise<StripeWriteRow> {
  const id = newId('stw');
  const write = await act.tx.stripe.startWrite(act.caller.accountId, { id, kind, ref, request });
  if (write.id === id) await audit(act, `billing.${kind}`, [id]);
  return write;
}

/**
 * Asks Stripe with the key of a write, and keeps the answer. When this process ends in between, or Stripe does not
 * answer, the write stays begun: its repeat has the same key and, at Stripe, the same outcome.
 */
export async function perform<T>(
  desk: Pick<Desk, 'store' | 'caller'>,
  { id }: Pick<StripeWriteRow, 'id'>,
  ask: (key: string) => Promise<T>,
): Promise<T> {
  const end = (state: 'done' | 'failed', answer: unknown) =>
    desk.store.transaction((tx) => tx.stripe.endWrite(desk.caller.accountId, id, state, answer));
  try {
    const answer = await ask(id);
    await end('done', answer ?? null);
    return answer;
  } catch (error) {
    if (error instanceof PaymentsError && (error.code === 'declined' || error.code === 'refused')) {
      await end('failed', { code: error.code, message: error.message });
    }
    throw error;
  }
}

/** The account's customer at Stripe, made at its first purchase. @throws DomainError `role_required` */
export async function ensureCustomer(desk: Desk): Promise<string> {
  const payments = paymentsOf(desk);
  const { accountId } = desk.caller;
  const { write, customerId, name } = await desk.store.transaction(async (tx) => {
    await requireStill({ tx, caller: desk.caller }, 'owner');
    const found = await tx.stripe.customer(accountId);
    const account = await tx.accounts.get(accountId);
    const wish: Asked = {
      kind: 'customer',
      // One that was deleted at Stripe is followed by another.
      ref: found.formerCustomerId ?? 'first',
      request: {},
    };
    return {
      customerId: found.customerId,
      name: account?.name ?? accountId,
      write: found.customerId ? null : await begin({ ...desk, tx }, wish),
    };
  });
  if (customerId || !write) return customerId ?? '';
  // Made already, and this process ended before it was written down: Stripe knows keys for a day only.
  const made =
    write.state === 'done'
      ? String(write.answer)
      : await perform(desk, write, (key) => payments.createCustomer({ accountId, name, email: null }, key));
  return desk.store.transaction(async (tx) => {
    const kept = await tx.stripe.setCustomer(accountId, made);
    // Stripe may have told of it before we knew whose it is.
    await tx.outbox.add([{ kind: 'stripe', customerId: kept }]);
    return kept;
  });
}
