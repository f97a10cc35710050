import { type AuthConfig, checkVerificationUri } from '../../auth/deviceLogin.ts';
import { CliError } from '../../errors.ts';
import { type Finding, failed, ok } from '../types.ts';
import { type Answer, type Asker, refusalOf, text, unreachable } from './ask.ts';
import type { Tenant } from './tenant.ts';

/**
 * Starts a device authorization with all that `stager login` asks for, and lets it expire: nobody approves it, and
 * nothing is ever polled for.
 */
export async function checkDeviceGrant(asker: Asker, config: AuthConfig, tenant: Tenant): Promise<Finding> {
  const { deviceEndpoint } = tenant;
  if (deviceEndpoint === undefined) {
    return failed(
      'discovery names no device_authorization_endpoint: `stager login` cannot work',
      'In Auth0: Applications > Applications > your command line application > Settings > Advanced Settings > Grant ' +
        'Types: check Device Code.',
    );
  }
  const answer = await asker
    .post(deviceEndpoint, {
      client_id: config.cliClientId,
      audience: config.audience,
      scope: ['openid', 'offline_access', ...config.scopes].join(' '),
    })
    .catch((error: unknown) => ({ error }));
  if ('error' in answer) return unreachable(deviceEndpoint, answer.error);
  if (answer.status !== 200) return explainRefusal(answer, config);
  return judgeAnswer(answer, config);
}

function judgeAnswer({ body }: Answer, { issuer, cliClientId, audience }: AuthConfig): Finding {
  const page = text(body['verification_uri']);
  if (text(body['device_code']) === undefined || page === undefined) {
    return failed('a device authorization is answered without a code', 'Is it an OpenID Connect issuer?');
  }
  try {
    checkVerificationUri(page, issuer);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return failed(
      error.message,
      'Use the domain of the login page as STAGER_ISSUER: in Auth0, the custom domain when there is one.',
    );
  }
  return ok(`${cliClientId} may log people in at ${page}, for ${audience}`);
}

/** Which switch is behind a refusal; the error codes are those of RFC 6749 and of Auth0. */
function explainRefusal(answer: Answer, { cliClientId, audience }: AuthConfig): Finding {
  const message = `a device login is refused: ${refusalOf(answer)}`;
  const words = refusalOf(answer);
  if (/service not found|audience|invalid_target|no API/i.test(words)) {
    return failed(
      message,
      `The tenant has no API ${audience}. In Auth0: Applications > APIs: the Identifier of the API must be exactly the ` +
        'STAGER_AUDIENCE of the stager API.',
    );
  }
  if (/grant type|unauthorized_client/i.test(words)) {
    return failed(
      message,
      `In Auth0: Applications > Applications > the application ${cliClientId} > Settings > Advanced Settings > Grant ` +
        'Types: check Device Code and Refresh Token; its type must be Native.',
    );
  }
  if (/invalid_client|unknown client/i.test(words)) {
    return failed(
      message,
      `STAGER_CLI_CLIENT_ID of the stager API is ${cliClientId}: it must be the Client ID of a Native application of ` +
        'this tenant, whose authentication method is None.',
    );
  }
  if (/scope/i.test(words)) {
    return failed(
      message,
      'Add the scopes of docs/scopes.md to the API. In Auth0: Applications > APIs > your API > Permissions.',
    );
  }
  return failed(
    message,
    'Look at the log of the tenant: in Auth0, Monitoring > Logs has the reason of each refusal.',
  );
}
