import { Stager } from '@stager/sdk';
import { detailsOf, nameOf } from '../actions/whoami.ts';
import { describeCredential } from '../auth/credentialFacts.ts';
import { discoverIssuer, issuerTrouble } from '../auth/issuer.ts';
import type { Context } from '../context.ts';
import { CliError, type ErrorReport, toFailure } from '../errors.ts';
import { clean } from '../io/clean.ts';
import type { Fetch } from '../net/fetch.ts';
import { type Finding, failed, ok, skipped, warning } from './types.ts';

/** A request of the doctor is given up after this, in milliseconds. */
const TIMEOUT_MS = 10_000;
/** Tokens are refused by clocks that are 5 s off; the answer takes a while and its Date has whole seconds. */
const SKEW_MAX_S = 5;
const SLOW_MS = 1000;
/** Time to replace a credential that nothing renews, in milliseconds: three days. */
const ENDS_SOON_MS = 3 * 86_400_000;

export interface Probe {
  readonly apiUrl: string;
  readonly latencyMs: number | undefined;
  /** How far this machine's clock is ahead of the API's, in seconds. */
  readonly skewSeconds: number | undefined;
  readonly health:
    | {
        readonly status: string;
        readonly checks?: Readonly<Record<string, string>> | undefined;
        readonly adapters?: Readonly<Record<string, string>> | undefined;
      }
    | undefined;
  readonly error: ErrorReport | undefined;
}

/** Asks the API once how it is, and keeps what the answer itself tells. */
export async function probe(context: Context): Promise<Probe> {
  const apiUrl = (await context.settings()).apiUrl.value;
  const send = await context.fetch();
  let latencyMs: number | undefined;
  let skewSeconds: number | undefined;
  const observed: Fetch = async (input, init) => {
    const begin = performance.now();
    const sentAt = Date.now();
    const response = await send(input, init);
    latencyMs = performance.now() - begin;
    skewSeconds = skewOf(response.headers.get('date'), sentAt, Date.now());
    return response;
  };
  // Health needs no token; none is looked for.
  const client = new Stager({ baseUrl: apiUrl, fetch: observed, maxRetries: 0, timeoutMs: TIMEOUT_MS });
  try {
    const health = await client.health({ signal: context.signal });
    return { apiUrl, latencyMs, skewSeconds, health, error: undefined };
  } catch (error) {
    if (context.signal.aborted) throw error;
    return { apiUrl, latencyMs, skewSeconds, health: undefined, error: (await toFailure(error)).report };
  }
}

/** A clock is only off when it is so at every moment between sending and receiving. In seconds. */
export function skewOf(date: string | null, sentAt: number, receivedAt: number): number | undefined {
  const at = date === null ? Number.NaN : Date.parse(date);
  if (Number.isNaN(at)) return undefined;
  // The header has whole seconds: the real moment lies within the second behind it.
  if (sentAt > at + 1000) return (sentAt - (at + 1000)) / 1000;
  if (receivedAt < at) return (receivedAt - at) / 1000;
  return 0;
}

export function checkApi({ apiUrl, latencyMs, health, error }: Probe): Finding {
  if (error && latencyMs === undefined) {
    return failed(error.message, error.hint ?? 'Check the address: stager config list');
  }
  if (error)
    return failed(
      `${apiUrl} answers, but cannot serve: ${error.message}`,
      'Ask who runs it; try again later.',
    );
  const ms = Math.round(latencyMs ?? 0);
  const parts = Object.entries(health?.checks ?? {}).map(([name, state]) => {
    const adapter = health?.adapters?.[name];
    return adapter ? `${name} (${clean(adapter)}) ${state}` : `${name} ${state}`;
  });
  for (const [name, adapter] of Object.entries(health?.adapters ?? {})) {
    if (!health?.checks?.[name]) parts.push(`${clean(name)} ${clean(adapter)}`);
  }
  const message = `${apiUrl} answers in ${ms} ms${parts.length > 0 ? `: ${parts.join(', ')}` : ''}`;
  if (health?.status !== 'ok') return failed(message, 'Ask who runs it; try again later.');
  return ms > SLOW_MS ? warning(message, 'The way there is slow; uploads will be as well.') : ok(message);
}

export function checkClock({ skewSeconds }: Pick<Probe, 'skewSeconds'>): Finding {
  if (skewSeconds === undefined) return skipped('the API did not say what time it is');
  const seconds = Math.round(Math.abs(skewSeconds));
  if (Math.abs(skewSeconds) <= SKEW_MAX_S) return ok('agrees with the API');
  return failed(
    `${seconds} s ${skewSeconds > 0 ? 'ahead of' : 'behind'} the API`,
    'Let the system set its clock by NTP.',
  );
}

const unreachable = ({ latencyMs }: Probe) => latencyMs === undefined;

export async function checkLogin(context: Context, probed: Probe): Promise<Finding> {
  if (unreachable(probed)) return skipped('the API cannot be asked');
  const config = await (await context.anonymous()).authConfig({ signal: context.signal });
  try {
    const issuer = await discoverIssuer(config.issuer, config.cliClientId, await context.fetch());
    return issuer.serverMetadata().device_authorization_endpoint
      ? ok(`${config.issuer} answers`)
      : failed(
          `${config.issuer} offers no device login`,
          'Enable the device code grant there, or use a machine client.',
        );
  } catch (error) {
    if (error instanceof CliError) throw error;
    const { why, hint } = issuerTrouble(config.issuer, error);
    return failed(why, hint);
  }
}

export async function checkCredentials(context: Context, probed: Probe): Promise<Finding> {
  if (unreachable(probed)) return skipped('the API cannot be asked');
  const me = await (await context.stager()).me({ signal: context.signal });
  const credential = await describeCredential(context);
  const message =
    `${me.principal} of ${me.account.name}, by the ${nameOf(credential)} (${detailsOf(credential, me.expiresAt)}); ` +
    `scopes: ${me.scopes.join(' ') || 'none'}`;
  const left = me.expiresAt === null ? Number.POSITIVE_INFINITY : Date.parse(me.expiresAt) - Date.now();
  return credential.renews || left > ENDS_SOON_MS
    ? ok(message)
    : warning(message, 'It ends soon, and nothing renews it: get a new one in time.');
}
