import type { AdminTx } from '../../ports/index.ts';
import type { Act, Signed } from '../context.ts';

/** An operator's act; the caller's account is the operator's own. */
export interface AdminAct extends Omit<Act, 'tx'> {
  readonly tx: AdminTx;
}

/** The same act as one on another account: it is recorded there. */
export function actOn<A extends Signed>(act: A, accountId: string): A {
  return { ...act, caller: { ...act.caller, accountId } };
}
