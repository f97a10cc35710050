import type { ClientInput } from '../../contract/index.ts';
import type { ClientRow } from '../../ports/index.ts';
import { dropMember } from '../accounts/members.ts';
import { isMachine, machinePrincipal } from '../accounts/principals.ts';
import { audit } from '../context.ts';
import { DomainError } from '../errors.ts';
import { newId } from '../ids.ts';
import { getAccount } from './accounts.ts';
import { type AdminAct, actOn } from './context.ts';

export async function registerClient(
  act: AdminAct,
  accountId: string,
  { clientId, name }: ClientInput,
): Promise<ClientRow> {
  await getAccount(act, accountId);
  const client = { id: newId('mem'), principal: machinePrincipal(clientId), name };
  if (!(await act.tx.clients.add(accountId, client))) {
    const found = await act.tx.accounts.findByPrincipal(client.principal);
    throw new DomainError(
      'already_member',
      `Client ${clientId} acts for account ${found?.account.id ?? 'another one'}. Remove it there first.`,
    );
  }
  await audit(actOn(act, accountId), 'client.register', [client.id], clientId);
  return getClient(act, accountId, client.id);
}

export async function removeClient(act: AdminAct, accountId: string, id: string): Promise<void> {
  await getAccount(act, accountId);
  const client = await getClient(act, accountId, id);
  await dropMember(actOn(act, accountId), client, 'client.remove');
}

async function getClient({ tx }: AdminAct, accountId: string, id: string): Promise<ClientRow> {
  const member = await tx.members.get(accountId, id);
  if (!member || !isMachine(member.principal)) {
    throw new DomainError('not_found', `There is no machine client ${id} in account ${accountId}.`);
  }
  return member;
}
