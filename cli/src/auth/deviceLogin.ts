import { setTimeout as delay } from 'node:timers/promises';
import type { Configuration } from 'openid-client';
import { CliError, DOCTOR_STEP, declined, Interrupted, LOGIN_STEP } from '../errors.ts';
import { EXIT } from '../exit.ts';
import type { Fetch } from '../net/fetch.ts';
import { isLoopback } from '../net/loopback.ts';
import type { DeviceLogin } from './credentials.ts';
import { firstPace, nextPace, type Pace, pauseOf, pollOnce } from './devicePoll.ts';
import { classifyFailure, discoverIssuer, issuerTrouble } from './issuer.ts';
import { type TokenAnswer, toLogin } from './session.ts';

/** Longest wait for a person, in seconds, even when the issuer would wait longer. */
const PATIENCE_S = 300;

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

/** A device authorization under way. Whoever holds the device code can fetch the tokens: it is a secret. */
export interface StartedLogin {
  readonly issuer: string;
  readonly clientId: string;
  readonly deviceCode: string;
  /** Scopes that were asked for, the issuer's own included. */
  readonly asked: string;
  readonly pace: Pace;
  readonly code: DeviceCode;
}

export interface StartOptions {
  readonly config: AuthConfig;
  /** Scopes of the API to ask for. */
  readonly scopes: readonly string[];
  readonly fetch: Fetch;
  readonly signal: AbortSignal;
}

/**
 * Begins a device authorization grant: RFC 8628 section 3.1.
 * @throws CliError, Interrupted
 */
export async function startDeviceLogin({
  config,
  scopes,
  fetch,
  signal,
}: StartOptions): Promise<StartedLogin> {
  const { issuer: url, cliClientId: clientId, audience } = config;
  const oidc = await import('openid-client');
  const asked = ['openid', 'offline_access', ...scopes].join(' ');
  try {
    const issuer = await discoverIssuer(url, clientId, abortable(fetch, signal));
    // `audience` is how Auth0 is told which API the token is for; others ignore it.
    const answer = await oidc.initiateDeviceAuthorization(issuer, { scope: asked, audience });
    return {
      issuer: url,
      clientId,
      deviceCode: answer.device_code,
      asked,
      pace: firstPace(answer.interval),
      code: {
        verificationUri: checkVerificationUri(answer.verification_uri, url),
        verificationUriComplete:
          answer.verification_uri_complete === undefined
            ? null
            : checkVerificationUri(answer.verification_uri_complete, url),
        userCode: answer.user_code,
        expiresIn: Math.min(answer.expires_in, PATIENCE_S),
      },
    };
  } catch (error) {
    throw signal.aborted ? interrupted() : explainLogin(error, url);
  }
}

/** The login, or that nobody has decided yet and when to ask again. */
export type Asked =
  | { readonly login: DeviceLogin }
  | { readonly login: undefined; readonly pace: Pace; readonly pauseSeconds: number };

interface AskOptions {
  readonly fetch: Fetch;
  readonly signal: AbortSignal;
}

/**
 * Asks the issuer once whether a started login was approved.
 * @throws CliError: exit 3 when it was denied, 4 when it ran out, 1 when the issuer cannot be asked; Interrupted
 */
export async function askOnce(started: StartedLogin, { fetch, signal }: AskOptions): Promise<Asked> {
  const outcome = await pollOnce(() => discover(started, fetch, signal), started.deviceCode);
  if (signal.aborted) throw interrupted();
  if (outcome.kind === 'tokens') return { login: loginOf(started, outcome.tokens) };
  if (outcome.kind === 'refused' || outcome.kind === 'transient')
    throw explainPoll(outcome.error, started.issuer);
  const pace = nextPace(started.pace, outcome.kind);
  return { login: undefined, pace, pauseSeconds: pauseOf(pace, outcome.retryAfter) };
}

export interface WaitOptions extends AskOptions {
  /** Seconds from now until the waiting ends. */
  readonly patience: number;
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/**
 * Asks until the person has decided. An issuer that cannot be reached for a while does not end the wait.
 * @throws CliError: exit 3 when it was denied, 4 when it ran out; Interrupted
 */
export async function waitForApproval(
  started: StartedLogin,
  { fetch, signal, patience, sleep = pause }: WaitOptions,
): Promise<DeviceLogin> {
  const end = AbortSignal.any([signal, AbortSignal.timeout(Math.ceil(patience * 1000))]);
  let known: Configuration | undefined;
  const issuer = async () => {
    known ??= await discover(started, fetch, end);
    return known;
  };
  let { pace } = started;
  let seconds = pauseOf(pace);
  for (;;) {
    await sleep(seconds * 1000, end).catch((error: unknown) => {
      throw signal.aborted ? interrupted() : end.aborted ? ranOut() : error;
    });
    const outcome = await pollOnce(issuer, started.deviceCode);
    if (outcome.kind === 'tokens') return loginOf(started, outcome.tokens);
    if (outcome.kind === 'refused') throw explainPoll(outcome.error, started.issuer);
    pace = nextPace(pace, outcome.kind);
    seconds = pauseOf(pace, outcome.retryAfter);
  }
}

const discover = ({ issuer, clientId }: StartedLogin, fetch: Fetch, signal: AbortSignal) =>
  discoverIssuer(issuer, clientId, abortable(fetch, signal));

const loginOf = ({ issuer, clientId, asked }: StartedLogin, tokens: TokenAnswer): DeviceLogin => ({
  ...toLogin({ issuer, clientId, scope: asked }, tokens, Date.now()),
  asked,
});

const pause = (ms: number, signal: AbortSignal) => delay(ms, undefined, { signal });

const interrupted = () =>
  new Interrupted({ command: 'stager login', when: 'to start again with a new code' });

/** Ends with the signal as well as with its own time-out. */
function abortable(fetch: Fetch, signal: AbortSignal): Fetch {
  return (input, init) =>
    fetch(input, { ...init, signal: init?.signal ? AbortSignal.any([init.signal, signal]) : signal });
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

/** What the issuer says to a poll can be what the person decided. */
function explainPoll(error: unknown, issuer: string): unknown {
  const failure = classifyFailure(error);
  if (failure.kind !== 'oauth') return explainLogin(error, issuer);
  if (failure.error === 'access_denied') return declined('The login was declined.');
  return failure.error === 'expired_token' ? ranOut() : explainLogin(error, issuer);
}

function explainLogin(error: unknown, issuer: string): unknown {
  const failure = classifyFailure(error);
  if (failure.kind === 'fatal') return error;
  if (failure.kind === 'oauth') {
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

export function ranOut(): CliError {
  return new CliError('Nobody approved the login in time.', {
    code: 'login_timeout',
    exit: EXIT.auth,
    retryable: true,
    next: [LOGIN_STEP],
  });
}
