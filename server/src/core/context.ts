import type { Caller, Tx } from '../ports/index.ts';

/** Who acts, in which request, inside which transaction: the first argument of every command. */
export interface Act {
  readonly tx: Tx;
  readonly caller: Caller;
  readonly requestId: string;
  readonly now: Date;
}

/** Records an act beside what it did, in the same transaction. */
export function audit(act: Act, action: string, objectIds: readonly string[]): Promise<void> {
  return act.tx.audit.add(
    act.caller.accountId,
    objectIds.map((objectId) => ({
      principal: act.caller.principal,
      action,
      objectId,
      requestId: act.requestId,
    })),
  );
}
