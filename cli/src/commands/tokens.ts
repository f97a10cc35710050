import { defineCommand, type GroupSpec } from '../command.ts';
import { days, integer, scopeList } from '../parse.ts';

const create = defineCommand<[], { name?: string; scope?: readonly string[]; expires?: number }>({
  name: 'create',
  summary: 'make a token for a script or a CI job, and print it once',
  description:
    'Prints the token alone on stdout, so that it can be piped, and what belongs to it on stderr. It acts for you, with ' +
    'these scopes and no more, until it ends or is revoked.',
  options: [
    { flags: '--scope <scopes>', about: 'what it may do; may be given again', parse: scopeList },
    { flags: '--expires <days>', about: 'like 30d or 4w (default 90d)', parse: days('--expires', 365) },
    { flags: '--name <name>', about: 'what it is for (default: stager and the date)' },
  ],
  examples: [
    {
      command: 'stager tokens create --name ci --scope account:read,images:read,images:write --expires 30d',
      about: 'for a job that uploads',
    },
    {
      command: 'stager tokens create --scope images:read | gh secret set STAGER_TOKEN',
      about: 'from here into a CI system, seen by nobody',
    },
  ],
  async run(context, _args, { name, scope = [], expires }) {
    const { createToken } = await import('../actions/tokens.ts');
    context.io.print(await createToken(context, { name, scopes: scope, days: expires }));
  },
});

const list = defineCommand<[], { limit: number | undefined }>({
  name: 'list',
  summary: 'list tokens, newest first: yours, and for owners all of the account',
  options: [
    { flags: '--limit <n>', about: 'at most this many (default 50)', parse: integer('--limit', 1, 100_000) },
  ],
  examples: [
    { command: 'stager tokens list', about: 'which are there, and which are used?' },
    {
      command: `stager tokens list --json | jq '.[] | select(.state == "live" and .lastUsedAt == null)'`,
      about: 'those that nothing uses',
    },
  ],
  async run(context, _args, { limit }) {
    const { listTokens } = await import('../actions/tokens.ts');
    context.io.print(await listTokens(context, limit));
  },
});

const revoke = defineCommand<[string[]], { yes?: boolean }>({
  name: 'revoke',
  summary: 'end tokens, within seconds, everywhere',
  arguments: [{ name: '<ids...>', about: 'ids of tokens' }],
  options: [{ flags: '-y, --yes', about: 'do not ask' }],
  examples: [{ command: 'stager tokens revoke tok_01jd0000000000000000000000', about: 'one that leaked' }],
  async run(context, [ids], { yes }) {
    const { revokeTokens } = await import('../actions/tokens.ts');
    const { result, exit } = await revokeTokens(context, ids, yes ?? false);
    context.io.print(result);
    return exit;
  },
});

export const tokens: GroupSpec = {
  name: 'tokens',
  summary: 'personal access tokens for scripts and CI',
  commands: [create, list, revoke],
};
