import type { Credential } from '../contract/index.ts';
import type { Caller, Tx } from '../ports/index.ts';

/** Who acts, with what, in which request, inside which transaction: the first argument of every command. */
export interface Act {
  readonly tx: Tx;
  readonly caller: Caller;
  readonly credential: Credential;
  readonly requestId: string;
  /** Where the request came from. */
  readonly ip?: string | undefined;
  readonly now: Date;
}

/** What an act needs to be recorded. */
export interface Signed extends Pick<Act, 'caller' | 'credential' | 'requestId' | 'ip'> {
  readonly tx: Pick<Tx, 'audit'>;
}

/** Records an act beside what it did, in the same transaction. `detail` must name no person: it cannot be erased. */
export function audit(
  act: Signed,
  action: string,
  objectIds: readonly string[],
  detail: string | null = null,
): Promise<void> {
  const { caller, credential, requestId, ip } = act;
  return act.tx.audit.add(
    caller.accountId,
    objectIds.map((objectId) => ({
      principal: caller.principal,
      role: caller.role,
      credential,
      action,
      objectId,
      detail,
      requestId,
      ip,
    })),
  );
}
