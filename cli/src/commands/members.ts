import type { GivenRole } from '@stager/sdk';
import { defineCommand, type GroupSpec } from '../command.ts';
import { usageError } from '../errors.ts';
import { days, integer, oneOf } from '../parse.ts';

const ROLES: readonly GivenRole[] = ['member', 'owner'];
const LIMIT = {
  flags: '--limit <n>',
  about: 'at most this many (default 50)',
  parse: integer('--limit', 1, 100_000),
};
const YES = { flags: '-y, --yes', about: 'do not ask' };

const list = defineCommand<[], { limit: number | undefined }>({
  name: 'list',
  summary: 'who belongs to the account, newest first',
  options: [LIMIT],
  examples: [{ command: 'stager members list', about: 'who can see our photos, and who owns the account?' }],
  async run(context, _args, { limit }) {
    const { listMembers } = await import('../actions/members.ts');
    context.io.print(await listMembers(context, limit));
  },
});

const invite = defineCommand<[string | undefined], { role?: GivenRole; expires?: number }>({
  name: 'invite',
  summary: 'invite somebody into the account, and print the invitation once',
  description:
    'Prints the invitation alone on stdout and what belongs to it on stderr. Nothing is sent to anybody: pass it on ' +
    'privately. Whoever runs `stager join` with it first becomes a member.',
  arguments: [{ name: '[email]', about: 'a label to know it by' }],
  options: [
    { flags: '--role <role>', about: 'member (default) or owner', parse: oneOf('--role', ROLES) },
    { flags: '--expires <days>', about: 'like 3d or 2w (default 7d)', parse: days('--expires', 30) },
  ],
  examples: [
    { command: 'stager members invite ana@example.com', about: 'a colleague' },
    { command: 'stager members invite --role owner --expires 1d', about: 'who will manage members as well' },
  ],
  async run(context, [email], { role, expires }) {
    if (email !== undefined && !/^[^\s@]+@[^\s@]+$/.test(email)) {
      throw usageError(`${email} is not an e-mail address.`, 'It is a label; leave it out if there is none.');
    }
    const { invite: run } = await import('../actions/invitations.ts');
    context.io.print(await run(context, { role, email, expiresInDays: expires }));
  },
});

const role = defineCommand<[string, string]>({
  name: 'role',
  summary: 'change the role of a member',
  arguments: [
    { name: '<member>', about: 'id, principal or e-mail address' },
    { name: '<role>', about: 'member or owner' },
  ],
  examples: [{ command: 'stager members role ana@example.com owner', about: 'a second owner' }],
  async run(context, [member, word]) {
    const wanted = oneOf('The role', ROLES)(word);
    const { setRole } = await import('../actions/members.ts');
    context.io.print(await setRole(context, member, wanted));
  },
});

const remove = defineCommand<[string], { yes?: boolean }>({
  name: 'remove',
  summary: 'remove a member; their tokens end, what they made stays',
  arguments: [{ name: '<member>', about: 'id, principal or e-mail address' }],
  options: [YES],
  examples: [{ command: 'stager members remove ana@example.com', about: 'who has left the company' }],
  async run(context, [member], { yes }) {
    const { removeMember } = await import('../actions/members.ts');
    context.io.print(await removeMember(context, member, yes ?? false));
  },
});

const invitations = defineCommand<[], { limit: number | undefined }>({
  name: 'invitations',
  summary: 'list invitations, newest first',
  options: [LIMIT],
  examples: [{ command: 'stager members invitations', about: 'which are open?' }],
  async run(context, _args, { limit }) {
    const { listInvitations } = await import('../actions/invitations.ts');
    context.io.print(await listInvitations(context, limit));
  },
});

const uninvite = defineCommand<[string[]], { yes?: boolean }>({
  name: 'uninvite',
  summary: 'revoke invitations that are open',
  arguments: [{ name: '<ids...>', about: 'ids of invitations' }],
  options: [YES],
  examples: [
    { command: 'stager members uninvite inv_01jd0000000000000000000000', about: 'sent to the wrong person' },
  ],
  async run(context, [ids], { yes }) {
    const { revokeInvitations } = await import('../actions/invitations.ts');
    const { result, exit } = await revokeInvitations(context, ids, yes ?? false);
    context.io.print(result);
    return exit;
  },
});

const leave = defineCommand<[], { yes?: boolean }>({
  name: 'leave',
  summary: 'leave the account yourself',
  options: [YES],
  examples: [{ command: 'stager members leave', about: 'before joining another one' }],
  async run(context, _args, { yes }) {
    const { leaveAccount } = await import('../actions/members.ts');
    context.io.print(await leaveAccount(context, yes ?? false));
  },
});

export const members: GroupSpec = {
  name: 'members',
  summary: 'who belongs to the account, and who is invited',
  commands: [list, invite, role, remove, invitations, uninvite, leave],
};
