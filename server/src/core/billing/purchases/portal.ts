import type { Payments } from '../../../ports/index.ts';
import { requireStill } from '../../accounts/members.ts';
import { DomainError } from '../../errors.ts';
import { newId } from '../../ids.ts';
import { begin, type Desk, type DeskAct, paymentsOf, perform } from './desk.ts';

/** A visit to Stripe's page that was recorded and not yet made. */
export interface PortalVisit {
  readonly id: string;
  readonly customerId: string;
}

/** The page of Stripe where an owner changes cards, and sees and pays invoices; good for some minutes. */
export async function openPortal(desk: Desk, returnUrl: string | null): Promise<string> {
  const visit = await desk.store.transaction((tx) => beginPortal({ ...desk, tx }, desk.payments));
  return enterPortal(desk, visit, returnUrl);
}

/** @throws DomainError `invalid_state` for an account that has never bought anything */
export async function beginPortal(act: DeskAct, payments: Payments | null): Promise<PortalVisit> {
  paymentsOf({ payments });
  await requireStill(act, 'owner');
  const { customerId } = await act.tx.stripe.customer(act.caller.accountId);
  if (!customerId) {
    throw new DomainError(
      'invalid_state',
      'This account has never bought a plan: there is nothing to manage yet.',
    );
  }
  // Each visit is one of its own.
  const { id } = await begin(act, { kind: 'portal', ref: newId('stw'), request: { customerId } });
  return { id, customerId };
}

export function enterPortal(
  desk: Pick<Desk, 'store' | 'caller' | 'payments'>,
  { id, customerId }: PortalVisit,
  returnUrl: string | null,
): Promise<string> {
  const payments = paymentsOf(desk);
  return perform(desk, { id }, (key) => payments.createPortal({ customerId, returnUrl }, key));
}
