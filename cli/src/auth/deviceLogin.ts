import { setTimeout as delay } from 'node:timers/promises';
import type { Configuration, DeviceAuthorizationResponse } from 'openid-client';
import { CliError, DOCTOR_STEP, declined, Interrupted, LOGIN_STEP } from '../errors.ts';
import { EXIT } from '../exit.ts';
import type { Fetch } from '../net/fetch.ts';
import { isLoopback } from '../net/loopback.ts';
import type { Login } from './credentials.ts';
import { classifyFailure, discoverIssuer, issuerTrouble } from './issuer.ts';
import { toLogin } from './session.ts';

/** Longest wait for a person, in seconds, even when the issuer would wait longer. */
const PATIENCE_S = 300;
/** Pause before asking again after the issuer could not be reached, in milliseconds. */
const TRANSIENT_PAUSE_MS = 2000;

export interface AuthConfig {
  readonly issuer: string;
  readonly audience: string;
  readonly cliClientId: string;
  readonly scopes: readonly string[];
}

export interface DeviceCode {
  readonly verificationUri: string;
  /** With the code filled in, when the issuer offers it. */
  readonly verificationUriComplete: string | null;
  readonly userCode: string;
  /** Seconds until we stop waiting. */
  readonly expiresIn: number;
}

export interface DeviceLoginOptions {
  readonly config: AuthConfig;
  readonly fetch: Fetch;
  readonly signal: AbortSignal;
  /** Called once, as soon as there is something to show; the waiting goes on meanwhile. */
  readonly onCode: (code: DeviceCode) => void;
}

/**
 * The device authorization grant, RFC 8628: shows a code, then polls until it is approved elsewhere.
 * @throws CliError: exit 3 when it was denied, 4 when it ran out; Interrupted
 */
export async function deviceLogin({ config, fetch, signal, onCode }: DeviceLoginOptions): Promise<Login> {
  const oidc = await import('openid-client');
  const scope = ['openid', 'offline_access', ...config.scopes].join(' ');
  try {
    const issuer = await discoverIssuer(config.issuer, config.cliClientId, fetch);
    // `audience` is how Auth0 is told which API the token is for; others ignore it.
    const answer = await oidc.initiateDeviceAuthorization(issuer, { scope, audience: config.audience });
    signal.throwIfAborted();
    const patience = Math.min(answer.expires_in, PATIENCE_S);
    onCode({
      verificationUri: checkVerificationUri(answer.verification_uri, config.issuer),
      verificationUriComplete:
        answer.verification_uri_complete === undefined
          ? null
          : checkVerificationUri(answer.verification_uri_complete, config.issuer),
      userCode: answer.user_code,
      expiresIn: patience,
    });
    const tokens = await poll(
      issuer,
      answer,
      AbortSignal.any([signal, AbortSignal.timeout(patience * 1000)]),
    );
    return toLogin({ issuer: config.issuer, clientId: config.cliClientId, scope }, tokens, Date.now());
  } catch (error) {
    if (signal.aborted)
      throw new Interrupted({ command: 'stager login', when: 'to start again with a new code' });
    throw explainLogin(error, config.issuer);
  }
}

/** openid-client keeps to the interval and to `slow_down`; a failing network must not end the wait. */
async function poll(issuer: Configuration, answer: DeviceAuthorizationResponse, signal: AbortSignal) {
  const oidc = await import('openid-client');
  for (;;) {
    try {
      return await oidc.pollDeviceAuthorizationGrant(issuer, answer, undefined, { signal });
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (classifyFailure(error).kind !== 'transient') throw error;
      await delay(TRANSIENT_PAUSE_MS, undefined, { signal });
    }
  }
}

/**
 * The address is shown to a person, who will type a password there: it has to be the issuer's own, over https.
 * A forged one would send them to somebody else's page.
 */
export function checkVerificationUri(text: string, issuer: string): string {
  const url = URL.parse(text);
  const own = new URL(issuer);
  const safe = url && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url)));
  if (!safe || url.origin !== own.origin || url.username || url.password) {
    throw new CliError(`The login page ${text} does not belong to ${own.origin}.`, {
      code: 'issuer_unsafe',
      hint: 'It was not opened. Is the API address right? stager config list',
    });
  }
  return url.href;
}

function explainLogin(error: unknown, issuer: string): unknown {
  if (error instanceof DOMException && error.name === 'TimeoutError') return ranOut();
  const failure = classifyFailure(error);
  if (failure.kind === 'fatal') return error;
  if (failure.kind === 'oauth') {
    if (failure.error === 'access_denied') return declined('The login was declined.');
    if (failure.error === 'expired_token') return ranOut();
    return new CliError(`The login was refused: ${failure.description ?? failure.error}`, {
      code: 'login_refused',
      exit: EXIT.auth,
      cause: error,
    });
  }
  const { why, hint } = issuerTrouble(issuer, error);
  return new CliError(`${why}.`, {
    code: 'issuer_unavailable',
    retryable: true,
    hint,
    next: [DOCTOR_STEP],
    cause: error,
  });
}

function ranOut(): CliError {
  return new CliError('Nobody approved the login in time.', {
    code: 'login_timeout',
    exit: EXIT.auth,
    retryable: true,
    next: [LOGIN_STEP],
  });
}
