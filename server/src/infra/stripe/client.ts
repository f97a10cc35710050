import type Stripe from 'stripe';
import { isInTransaction } from '../postgres/transactionScope.ts';

/** What we were written and tested for; the account's own setting does not matter. */
export const API_VERSION = '2026-10-28.endive';
/** A request for which somebody waits. Milliseconds. */
const TIMEOUT_MS = 15_000;
const NETWORK_RETRIES = 2;

export interface StripeOptions {
  readonly secretKey: string;
  /** Another server that answers like Stripe. Default: Stripe. */
  readonly apiUrl?: string | undefined;
}

/** The package takes a fifth of a second to load: it is, at the first use. */
let loaded: Promise<typeof Stripe> | undefined;
export function loadStripe(): Promise<typeof Stripe> {
  loaded ??= import('stripe').then((module) => module.default);
  return loaded;
}

/** Gives the client to whoever holds no transaction open. */
export type UseClient = () => Promise<Stripe>;

/**
 * @returns what opens the client at its first use; it throws within a database transaction, whose locks and
 * connection must not wait for somebody else's server
 */
export function createClient({ secretKey, apiUrl }: StripeOptions): UseClient {
  let client: Promise<Stripe> | undefined;
  return () => {
    if (isInTransaction()) throw new Error('Stripe is called within a database transaction');
    client ??= loadStripe().then(
      (Client) =>
        new Client(secretKey, {
          apiVersion: API_VERSION,
          telemetry: false,
          timeout: TIMEOUT_MS,
          maxNetworkRetries: NETWORK_RETRIES,
          ...(apiUrl && hostOf(apiUrl)),
        }),
    );
    return client;
  };
}

function hostOf(apiUrl: string) {
  const { protocol, hostname, port } = new URL(apiUrl);
  const plain = protocol === 'http:';
  return {
    protocol: plain ? ('http' as const) : ('https' as const),
    host: hostname,
    port: port || (plain ? 80 : 443),
  };
}
