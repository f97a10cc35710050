import type { BrowserSessions } from '../../core/accounts/browserSessions.ts';
import type { Keyring } from '../../core/accounts/keyring.ts';
import type { WebLogin } from '../../ports/index.ts';

/** What the pages need beside what the API has. */
export interface PagesDeps {
  readonly sessions: BrowserSessions;
  readonly login: WebLogin;
  readonly keyring: Keyring;
  /** Origin under which browsers reach this process. */
  readonly publicUrl: string;
  /** Origins of the pages where people pay: a form of ours may lead there. */
  readonly payOrigins: readonly string[];
}
