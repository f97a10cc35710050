import { isTokenLogin } from '../../auth/credentials.ts';
import type { AuthConfig } from '../../auth/deviceLogin.ts';
import type { Context } from '../../context.ts';
import { toFailure } from '../../errors.ts';
import { type Finding, failed, ok, skipped } from '../types.ts';
import { judgeToken, scopesOf } from './accessToken.ts';
import { type Answer, type Asker, refusalOf, text, unreachable } from './ask.ts';
import type { RsaKey, Tenant } from './tenant.ts';

interface Tested {
  readonly context: Context;
  readonly asker: Asker;
  readonly config: AuthConfig;
  readonly tenant: Tenant;
  readonly keys: readonly RsaKey[];
}

/** The machine client of the environment: whether it gets a token, and whether the API takes that. */
export async function checkMachine({ context, asker, config, tenant, keys }: Tested): Promise<Finding> {
  const { STAGER_CLIENT_ID: id, STAGER_CLIENT_SECRET: secret } = context.env;
  if (!id || !secret) return skipped('STAGER_CLIENT_ID and STAGER_CLIENT_SECRET are not set');
  const { tokenEndpoint } = tenant;
  if (tokenEndpoint === undefined)
    return failed('discovery names no token_endpoint', 'Is it an OpenID Connect issuer?');
  const answer = await asker
    .post(tokenEndpoint, {
      grant_type: 'client_credentials',
      client_id: id,
      client_secret: secret,
      audience: config.audience,
    })
    .catch((error: unknown) => ({ error }));
  if ('error' in answer) return unreachable(tokenEndpoint, answer.error);
  const token = text(answer.body['access_token']);
  if (answer.status !== 200 || token === undefined) return explainMachine(answer, id, config);
  const judged = judgeToken(token, config, keys);
  return judged.status === 'failed' ? judged : askApi(context, token, id, judged);
}

function explainMachine(answer: Answer, id: string, { audience }: AuthConfig): Finding {
  const words = refusalOf(answer);
  const message = `the machine client ${id} gets no token: ${words}`;
  // Auth0 says `access_denied` to a wrong secret, too: RFC 6749 section 5.2 has 401 for a client that is not known.
  if (answer.status === 401) {
    return failed(message, 'Check STAGER_CLIENT_ID and STAGER_CLIENT_SECRET: copied whole, of this tenant?');
  }
  if (/not authorized to access|access_denied/i.test(words)) {
    return failed(
      message,
      `In Auth0: Applications > APIs > the API ${audience} > Machine To Machine Applications: authorize the client, and ` +
        'choose its permissions.',
    );
  }
  if (/grant type/i.test(words)) {
    return failed(
      message,
      'In Auth0: its type must be Machine to Machine; Advanced Settings > Grant Types: check Client Credentials.',
    );
  }
  if (/service not found|invalid_target|no API/i.test(words)) {
    return failed(message, `The Identifier of the API in the tenant must be exactly ${audience}.`);
  }
  return failed(
    message,
    'Look at the log of the tenant: in Auth0, Monitoring > Logs has the reason of each refusal.',
  );
}

/** A good token of a client that no account knows is refused all the same. */
async function askApi(context: Context, token: string, id: string, good: Finding): Promise<Finding> {
  try {
    const me = await (await context.withToken(token)).me({ signal: context.signal });
    return { ...good, message: `${me.principal} of ${me.account.name}: ${good.message}` };
  } catch (error) {
    if (context.signal.aborted) throw error;
    const { report } = await toFailure(error);
    // Not every client has to be allowed to ask who it is.
    if (report.code === 'insufficient_scope') return good;
    return failed(
      `the API does not take the token of ${id}: ${report.message}`,
      report.code === 'no_account'
        ? `An operator registers it: stager admin clients add ACCOUNT ${id}`
        : (report.hint ?? 'Compare STAGER_ISSUER and STAGER_AUDIENCE of the API with this page.'),
    );
  }
}

/** The login of a person, when one is stored: what the tenant really gave. */
export async function checkPerson({ context, config, keys }: Tested): Promise<Finding> {
  const session = await context.session();
  const login = await session.login();
  if (!login || isTokenLogin(login)) {
    return skipped(
      'nobody is logged in here: run stager login, then this again, to see what people are given',
    );
  }
  const token = await session.getToken();
  const judged = judgeToken(token, config, keys);
  const missing = config.scopes.filter((scope) => !scopesOf(token).includes(scope));
  return judged.status === 'ok' && missing.length > 0
    ? { ...judged, message: `${judged.message}; without ${missing.join(' ')}, which the role does not have` }
    : judged;
}

/** Whether logins last: without a refresh token they end with their first access token. */
export async function checkRefresh({ context }: Tested): Promise<Finding> {
  const login = await (await context.session()).login();
  if (!login || isTokenLogin(login)) return skipped('known after a login');
  return login.refreshToken === null
    ? failed(
        'logins get no refresh token: everybody has to log in again when the first access token ends',
        'In Auth0: Applications > APIs > your API > Settings > Access Settings: Allow Offline Access; and in the command ' +
          'line application: Refresh Token Rotation on, Grant Types with Refresh Token.',
      )
    : ok('offline_access is granted: logins renew themselves');
}
