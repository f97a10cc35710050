import type { PaidPlanId } from '../../contract/index.ts';
import type { TicketRow } from '../../ports/index.ts';
import type { Keyring } from '../accounts/keyring.ts';
import { type Act, audit } from '../context.ts';
import { newId } from '../ids.ts';

/** Time to open a link and log in. */
const TICKET_MS = 30 * 60_000;
/** Who sends the same form again within it (a double click, a page that did not come) means the same. */
const REPEAT_MS = 10 * 60_000;

/** Of a link to the checkout page: what is to be bought, for which account. It lets nobody in. */
export interface Ticket {
  readonly id: string;
  readonly accountId: string;
}

export async function createTicket(
  act: Act,
  plan: PaidPlanId,
): Promise<Ticket & { readonly expiresAt: string }> {
  const { tx, caller, now } = act;
  const { accountId, principal } = caller;
  const id = newId('tkt');
  const expiresAt = new Date(now.getTime() + TICKET_MS);
  await tx.tickets.create(accountId, { id, plan, createdBy: principal, expiresAt });
  await audit(act, 'billing.checkout_link', [id], plan);
  return { id, accountId, expiresAt: expiresAt.toISOString() };
}

/** Nothing but its id is stored, so that the same link can be told again. */
export function writeTicket(keyring: Keyring, { id, accountId }: Ticket): string {
  const body = `${id}.${accountId}`;
  return `${body}.${keyring.mac('ticket', body)}`;
}

/** Undefined for what we did not write. */
export function readTicket(keyring: Keyring, text: string): Ticket | undefined {
  const [id = '', accountId = '', mac = '', ...rest] = text.split('.');
  if (rest.length > 0 || !keyring.verifies('ticket', `${id}.${accountId}`, mac)) return undefined;
  return { id, accountId };
}

export type TicketState = 'open' | 'expired' | 'used';

/** Looking changes nothing: programs that make previews of links look, too. */
export function ticketState({ usedAt, expiresAt }: TicketRow, now: Date): TicketState {
  if (usedAt !== null) return 'used';
  return expiresAt <= now ? 'expired' : 'open';
}

/** Uses a ticket up; whoever has just done so may do so again. */
export async function useTicket({ tx, caller, now }: Act, id: string): Promise<TicketState> {
  const { accountId, principal } = caller;
  if (await tx.tickets.use(accountId, id, principal, now)) return 'open';
  const row = await tx.tickets.get(accountId, id);
  if (!row) return 'expired';
  const again =
    row.usedBy === principal && row.usedAt !== null && now.getTime() - row.usedAt.getTime() < REPEAT_MS;
  return again ? 'open' : ticketState(row, now);
}
