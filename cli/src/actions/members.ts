import { type GivenRole, type Member, Members } from '@stager/sdk';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { clean } from '../io/clean.ts';
import { confirm } from '../io/confirm.ts';
import type { Rendered } from '../io/io.ts';
import { formatAge } from '../io/text.ts';
import { isId } from '../parse.ts';
import { suggest } from '../suggest.ts';
import { DEFAULT_LIMIT, pageSize, renderList, takeUpTo } from './list.ts';

export async function listMembers(context: Context, limit = DEFAULT_LIMIT): Promise<Rendered> {
  const client = await context.stager();
  const members = new Members(client).list({ limit: pageSize(limit) }, { signal: context.signal });
  return renderList({
    ...(await takeUpTo(members, limit)),
    limit,
    none: 'No members.',
    columns: ({ style }) => [
      { title: 'WHO', flexible: true },
      { title: 'ROLE' },
      { title: 'EMAIL', flexible: true },
      { title: 'SINCE', paint: style.dim },
    ],
    row: (member, now) => [
      clean(member.name ?? member.principal),
      member.kind === 'machine' ? 'machine' : member.role,
      clean(member.email ?? ''),
      formatAge(member.createdAt, now),
    ],
  });
}

export async function setRole(context: Context, word: string, role: GivenRole): Promise<Rendered> {
  const member = await requireMember(context, word);
  const client = await context.stager();
  const changed = await new Members(client).setRole(member.id, role, { signal: context.signal });
  return {
    json: () => changed,
    text: ({ style }) =>
      `${clean(changed.principal)} is ${style.bold(changed.role)} now${member.role === changed.role ? ', as before' : ''}  ${changed.id}`,
  };
}

export async function removeMember(context: Context, word: string, yes: boolean): Promise<Rendered> {
  const member = await requireMember(context, word);
  const who = clean(member.principal);
  await confirm(context, `Remove ${who} (${member.role}) from the account, and end their tokens?`, yes);
  const client = await context.stager();
  await new Members(client).remove(member.id, { signal: context.signal });
  return {
    json: () => ({ id: member.id, principal: member.principal, removed: true }),
    text: () => `Removed ${who}  ${member.id}`,
  };
}

export async function leaveAccount(context: Context, yes: boolean): Promise<Rendered> {
  const client = await context.stager();
  const { principal, account } = await client.me({ signal: context.signal });
  const name = clean(account.name);
  await confirm(context, `Leave the account ${name}? You come back by an invitation only.`, yes);
  await new Members(client).leave({ signal: context.signal });
  return {
    json: () => ({ principal, account: account.id, left: true }),
    text: () => `${clean(principal)} has left ${name}.`,
  };
}

/** The member that a person means by an id, a principal, a name or an e-mail address. */
async function requireMember(
  context: Context,
  word: string,
): Promise<Pick<Member, 'id' | 'principal' | 'role'>> {
  const client = await context.stager();
  const wanted = word.trim().toLowerCase();
  const found: Member[] = [];
  const known: string[] = [];
  for await (const member of new Members(client).list({ limit: 100 }, { signal: context.signal })) {
    const names = [member.id, member.principal, member.name, member.email].flatMap((name) => name ?? []);
    if (names.some((name) => name.toLowerCase() === wanted)) found.push(member);
    known.push(...names.filter((name) => !isId('mem', name)));
  }
  const [only, another] = found;
  if (only && !another) return only;
  // An e-mail address is a label: nobody has verified it, and two may have the same.
  if (another) {
    throw usageError(
      `${clean(word)} means more than one member: ${found.map(({ id }) => id).join(', ')}`,
      'Give the id.',
    );
  }
  const close = suggest(word, known);
  throw usageError(
    `There is no member ${clean(word)}.`,
    close ? `Did you mean ${clean(close)}?` : 'stager members list shows them.',
  );
}
