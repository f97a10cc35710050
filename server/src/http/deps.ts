import type { PersonalTokens } from '../core/accounts/personalTokens.ts';
import type { CallerResolver } from '../core/accounts/resolveCaller.ts';
import type { Plans } from '../core/billing/plans.ts';
import type { Tariff } from '../core/billing/reserve.ts';
import type { EventHub } from '../core/events/hub.ts';
import type { Examine } from '../core/uploads/examine.ts';
import type { UploadLimits } from '../core/uploads/limits.ts';
import type { LendMemory } from '../core/uploads/memory.ts';
import type { Logger } from '../infra/log.ts';
import type {
  AdminStore,
  Clock,
  Limiter,
  Objects,
  Payments,
  Store,
  VerifiedToken,
  VerifyWebhook,
} from '../ports/index.ts';
import type { PagesDeps } from './checkout/deps.ts';

/** Everything that the HTTP layer is given; wired once, at the start of the process. */
export interface Deps {
  readonly store: Store;
  /** Over all accounts, for the operators; null where this process is not given the connection. */
  readonly admin: AdminStore | null;
  readonly objects: Objects;
  readonly clock: Clock;
  readonly limiter: Limiter;
  readonly log: Logger;
  readonly hub: EventHub;
  readonly callers: CallerResolver;
  /** Access tokens of the issuer. @throws TokenRejected, IssuerUnavailable */
  readonly verifyToken: (token: string) => Promise<VerifiedToken>;
  readonly personalTokens: PersonalTokens;
  /** Null where this installation takes no payments. */
  readonly payments: Payments | null;
  /** Null where it is told no secret of Stripe's webhooks. */
  readonly verifyWebhook: VerifyWebhook | null;
  /** Of the checkout pages; null where they are not set up. */
  readonly pages: PagesDeps | null;
  /** What photos are verified in. */
  readonly memory: LendMemory;
  readonly examine: Examine;
  /** Called after every commit that may have filled the outbox. */
  readonly kickRelay: () => void;
  readonly settings: Settings;
  /** Fires when the process begins to drain: streams end, readiness fails. */
  readonly draining: AbortSignal;
}

/** Times in milliseconds. */
export interface StreamSettings {
  readonly pingMs: number;
  /** Between two looks at whether the caller may still read. */
  readonly accessCheckMs: number;
  /** A reader that takes nothing for so long is cut off. */
  readonly drainMs: number;
  /** Streams that one account may have open at this process. */
  readonly perAccount: number;
}

export interface Settings {
  readonly issuer: string;
  readonly audience: string;
  readonly cliClientId: string;
  readonly uploads: UploadLimits;
  readonly plans: Plans;
  /** Bytes of a JSON request body. */
  readonly bodyLimit: number;
  /** Milliseconds that a JSON request body may take to arrive. */
  readonly bodyMs: number;
  /** Proxies in front whose X-Forwarded-For entry is believed; 0 ignores the header. */
  readonly trustedProxies: number;
  readonly streams: StreamSettings;
  /** Which adapter was chosen for each part. */
  readonly adapters: Readonly<Record<string, string>>;
  /** Answers are checked against the contract. */
  readonly checkResponses: boolean;
}

export function tariffOf({ settings, payments }: Deps): Tariff {
  return { plans: settings.plans, sold: payments !== null };
}
