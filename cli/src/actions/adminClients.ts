import { Admin, type Client, type ClientInput } from '@stager/sdk';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { clean } from '../io/clean.ts';
import { confirm } from '../io/confirm.ts';
import type { Rendered } from '../io/io.ts';
import { formatAge } from '../io/text.ts';
import { ACCOUNTS, requireId } from '../parse.ts';
import { DEFAULT_LIMIT, pageSize, renderList, takeUpTo } from './list.ts';

export async function addClient(context: Context, account: string, input: ClientInput): Promise<Rendered> {
  const id = requireId(ACCOUNTS, account);
  const admin = new Admin(await context.stager());
  const client = await admin.addClient(id, input, { signal: context.signal });
  return {
    json: () => client,
    text: () => `${clean(client.clientId)} acts for ${id} now, as ${clean(client.name ?? '')}.`,
  };
}

export async function listClients(
  context: Context,
  account: string,
  limit = DEFAULT_LIMIT,
): Promise<Rendered> {
  const id = requireId(ACCOUNTS, account);
  const admin = new Admin(await context.stager());
  const clients = admin.clients(id, { limit: pageSize(limit) }, { signal: context.signal });
  return renderList({
    ...(await takeUpTo(clients, limit)),
    limit,
    none: 'No machine clients. stager admin clients add makes one act for the account.',
    columns: ({ style }) => [
      { title: 'CLIENT', flexible: true },
      { title: 'NAME', flexible: true },
      { title: 'SINCE', paint: style.dim },
    ],
    row: ({ clientId, name, createdAt }, now) => [
      clean(clientId),
      clean(name ?? ''),
      formatAge(createdAt, now),
    ],
  });
}

export async function removeClient(
  context: Context,
  account: string,
  word: string,
  yes: boolean,
): Promise<Rendered> {
  const id = requireId(ACCOUNTS, account);
  const admin = new Admin(await context.stager());
  const client = await findClient(context, admin, id, word);
  await confirm(context, `Take the account from ${clean(client.clientId)}? Its jobs in CI stop.`, yes);
  await admin.removeClient(id, client.id, { signal: context.signal });
  return {
    json: () => ({ id: client.id, clientId: client.clientId, removed: true }),
    text: () => `${clean(client.clientId)} acts for ${id} no more.`,
  };
}

/** By the id at the issuer, which people know, or by that of the membership. */
async function findClient(context: Context, admin: Admin, account: string, word: string): Promise<Client> {
  for await (const client of admin.clients(account, { limit: 100 }, { signal: context.signal })) {
    if (client.clientId === word || client.id === word) return client;
  }
  throw usageError(
    `No client ${clean(word)} acts for ${account}.`,
    `stager admin clients list ${account} shows them.`,
  );
}
