import { type EraseDeps, eraseDueAccount } from '@stager/server/core/admin/eraseAccount';
import { createLoop, type Loop, type LoopLog } from '@stager/server/core/relay/loop';

const LOOK_MS = 5_000;

export interface EraserOptions extends EraseDeps {
  readonly log: LoopLog;
}

/** Deletes accounts as operators have ordered. Of any number of workers, one has an account. */
export function createEraser(options: EraserOptions): Loop {
  const { log } = options;
  return createLoop({
    name: 'deletion of accounts',
    everyMs: LOOK_MS,
    async turn(signal) {
      for (;;) {
        const worked = await eraseDueAccount(options, signal);
        if (!worked) return;
        const { deletion, outcome } = worked;
        log.info({ deletion: deletion.id, accountId: deletion.accountId, outcome }, 'deletion of an account');
      }
    },
    log,
  });
}
