import { isTokenLogin, loginKey, readLogins, writeLogins } from '../auth/credentials.ts';
import { discoverIssuer } from '../auth/issuer.ts';
import { withFileLock } from '../auth/lock.ts';
import type { Context } from '../context.ts';
import { clean } from '../io/clean.ts';
import type { Rendered } from '../io/io.ts';
import { credentialsFile } from '../settings/paths.ts';

/** Removes the local login in any case; that the issuer forgets it too is tried, and told. */
export async function logOut(context: Context): Promise<Rendered> {
  const { profile, apiUrl } = await context.settings();
  const file = credentialsFile(context.configDir);
  const key = loginKey(profile.value, apiUrl.value);
  const where = { profile: profile.value, apiUrl: apiUrl.value };
  if (!(key in (await readLogins(file))))
    return outcome({ ...where, loggedOut: false, revoked: false, kind: null });
  const removed = await withFileLock(file, async () => {
    const { [key]: login, ...others } = await readLogins(file);
    if (login) await writeLogins(file, others);
    return login;
  });
  if (!removed) return outcome({ ...where, loggedOut: false, revoked: false, kind: null });
  // Others may use the same token: ending it is for `stager tokens revoke`.
  if (isTokenLogin(removed)) return outcome({ ...where, loggedOut: true, revoked: false, kind: 'token' });
  const { refreshToken, issuer, clientId } = removed;
  const revoked = refreshToken !== null && (await revoke(context, issuer, clientId, refreshToken));
  return outcome({ ...where, loggedOut: true, revoked, kind: 'login' });
}

/** RFC 7009: with the refresh token, the access tokens that came of it end as well where the issuer can do that. */
async function revoke(context: Context, issuer: string, clientId: string, token: string): Promise<boolean> {
  try {
    const { tokenRevocation } = await import('openid-client');
    const configuration = await discoverIssuer(issuer, clientId, await context.fetch());
    await tokenRevocation(configuration, token, { token_type_hint: 'refresh_token' });
    return true;
  } catch {
    return false;
  }
}

interface LogoutOutcome {
  readonly profile: string;
  readonly apiUrl: string;
  readonly loggedOut: boolean;
  readonly revoked: boolean;
  readonly kind: 'login' | 'token' | null;
}

function outcome(result: LogoutOutcome): Rendered {
  return {
    json: () => result,
    text() {
      const where = `${clean(result.apiUrl)} (profile ${clean(result.profile)})`;
      if (!result.loggedOut) return `There was no login for ${where}.`;
      if (result.kind === 'token') {
        return `Removed the token for ${where} from this machine. It stays valid until it expires or is revoked: stager tokens list`;
      }
      return result.revoked
        ? `Logged out of ${where}.`
        : `Logged out of ${where} here. The issuer could not be told: what it issued ends by itself.`;
    },
  };
}
