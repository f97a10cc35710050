import { CliError } from '../errors.ts';
import { EXIT } from '../exit.ts';
import type { Env } from '../settings/paths.ts';

/** Who a command acts as. What the environment says wins over a stored login. */
export type Identity =
  | { readonly source: 'STAGER_TOKEN'; readonly token: string }
  | { readonly source: 'STAGER_CLIENT_ID'; readonly clientId: string; readonly clientSecret: string }
  | { readonly source: 'login' };

/** @throws CliError with exit code 4 when only one half of a machine client is given */
export function chooseIdentity(env: Env): Identity {
  const token = env['STAGER_TOKEN'];
  if (token) return { source: 'STAGER_TOKEN', token };
  const clientId = env['STAGER_CLIENT_ID'];
  const clientSecret = env['STAGER_CLIENT_SECRET'];
  if (clientId && clientSecret) return { source: 'STAGER_CLIENT_ID', clientId, clientSecret };
  if (clientId || clientSecret) {
    const [there, missing] = clientId
      ? ['STAGER_CLIENT_ID', 'STAGER_CLIENT_SECRET']
      : ['STAGER_CLIENT_SECRET', 'STAGER_CLIENT_ID'];
    throw new CliError(`${there} is set, ${missing} is not: a machine client needs both.`, {
      code: 'credentials_incomplete',
      exit: EXIT.auth,
      hint: `Set ${missing}, or unset ${there} to use the login of \`stager login\`.`,
    });
  }
  return { source: 'login' };
}
