import { type InvitationInput, Members } from '@stager/sdk';
import type { Context } from '../context.ts';
import { clean } from '../io/clean.ts';
import { confirm, type Terminal } from '../io/confirm.ts';
import type { Rendered } from '../io/io.ts';
import { readSecret, terminal } from '../io/readSecret.ts';
import { count, formatUntil } from '../io/text.ts';
import { INVITATIONS, requireIds } from '../parse.ts';
import { type Changed, changeEach } from './changeEach.ts';
import { DEFAULT_LIMIT, pageSize, renderList, takeUpTo } from './list.ts';
import { presentSecret } from './secretResult.ts';

export async function invite(context: Context, input: InvitationInput): Promise<Rendered> {
  const client = await context.stager();
  const answer = await new Members(client).invite(input, { signal: context.signal });
  const { invitation } = answer;
  const { apiUrl } = await context.settings();
  const whom = invitation.email === null ? '' : ` for ${clean(invitation.email)}`;
  return presentSecret(
    context,
    answer,
    [
      `Invited${whom} as ${invitation.role} (${invitation.id}); ends ${formatUntil(invitation.expiresAt, Date.now())}.`,
      'It is shown this once, and whoever presents it first becomes a member: pass it on privately. They run',
      '',
      `  stager login --api-url ${clean(apiUrl.value)}`,
      `  stager join --api-url ${clean(apiUrl.value)}`,
      '',
    ],
    `stager members uninvite ${invitation.id}`,
  );
}

export async function listInvitations(context: Context, limit = DEFAULT_LIMIT): Promise<Rendered> {
  const client = await context.stager();
  const invitations = new Members(client).invitations({ limit: pageSize(limit) }, { signal: context.signal });
  const listed = await takeUpTo(invitations, limit);
  return renderList({
    ...listed,
    limit,
    none: 'No invitations. stager members invite makes one.',
    columns: ({ style }) => [
      { title: 'ID' },
      { title: 'EMAIL', flexible: true },
      { title: 'ROLE' },
      {
        title: 'STATE',
        paint: (text, row) => (listed.found[row]?.state === 'open' ? style.green(text) : style.dim(text)),
      },
      { title: 'ENDS', paint: style.dim },
    ],
    row: ({ id, email, role, state, expiresAt }) => [
      id,
      clean(email ?? ''),
      role,
      state,
      expiresAt.slice(0, 10),
    ],
  });
}

export async function revokeInvitations(
  context: Context,
  words: readonly string[],
  yes: boolean,
): Promise<Changed> {
  const ids = requireIds(INVITATIONS, words);
  const which = ids.length === 1 ? `the invitation ${ids[0]}` : count(ids.length, 'invitation');
  await confirm(context, `Revoke ${which}?`, yes);
  return changeEach(context, ids, 'revoked', async (client, id, signal) => {
    await new Members(client).revokeInvitation(id, { signal });
    return undefined;
  });
}

/** Into the account of an invitation, by its secret from stdin. */
export async function joinAccount(context: Context, from: Terminal = terminal()): Promise<Rendered> {
  const secret = await readSecret(context, { what: 'invitation', command: 'stager join' }, from);
  const client = await context.stager();
  const membership = await new Members(client).join(secret, { signal: context.signal });
  const { account, member } = membership;
  return {
    json: () => membership,
    text: ({ style }) =>
      `${clean(member.principal)} belongs to ${style.bold(clean(account.name))} now, as ${member.role}.`,
  };
}
