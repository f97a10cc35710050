/** Tells processes that an account has new events. Coalesced and lossy: readers poll as a backstop. */
export interface Notifier {
  notify(accountIds: readonly string[]): Promise<void>;
  subscribe(onAccounts: (accountIds: readonly string[] | 'unknown') => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}
