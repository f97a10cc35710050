import { type Bucket, ObjectStoreError } from '../../ports/index.ts';
import { KEPT_PREFIX } from './limits.ts';
import type { ReconcileDeps } from './scan.ts';
import { confirmStore } from './sentinel.ts';

/** So many in a row are no fault of single objects. */
const IN_A_ROW = 10;

/** Each of many objects in a row was refused: more of it would only be skipped, too. */
export class StoreRefuses extends Error {
  override readonly name = 'StoreRefuses';

  constructor(reason: string) {
    super(
      `The photo store has refused ${IN_A_ROW} objects in a row, Nothing more was changed. The last: ${reason}`,
    );
  }
}

export interface Refusals {
  /**
   * Does what has to do with one object. When the store refuses that object, and proves to do as it is told with
   * another one, `otherwise` is done instead.
   * @throws ObjectStoreError of a store that does not answer, is full or refuses all; StoreRefuses
   */
  unlessRefused<T>(
    bucket: Bucket,
    work: () => Promise<T>,
    otherwise: (reason: string) => Promise<T>,
  ): Promise<T>;
}

/** @param name tells the probe from that of others at the same time */
export function createRefusals(deps: Pick<ReconcileDeps, 'store' | 'objects'>, name: string): Refusals {
  let inARow = 0;
  return {
    async unlessRefused(bucket, work, otherwise) {
      try {
        const done = await work();
        inARow = 0;
        return done;
      } catch (error) {
        if (!isRefusal(error)) throw error;
        await proveStore(deps, bucket, name);
        inARow += 1;
        if (inARow >= IN_A_ROW) throw new StoreRefuses(reasonOf(error));
        return otherwise(reasonOf(error));
      }
    },
  };
}

export function isRefusal(error: unknown): error is ObjectStoreError {
  return error instanceof ObjectStoreError && error.mayConcernOneObject;
}

export function unlessRefusal(error: unknown): undefined {
  if (!isRefusal(error)) throw error;
  return undefined;
}

/** In the words of the store itself: ours are about all of it. */
function reasonOf({ cause, message }: ObjectStoreError): string {
  if (!(cause instanceof Error)) return message;
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  return cause.message.includes(code) ? cause.message : `${code} ${cause.message}`.trim();
}

/** It is the right store, and takes, moves and removes an object. @throws when it is not, or does not */
async function proveStore(
  deps: Pick<ReconcileDeps, 'store' | 'objects'>,
  bucket: Bucket,
  name: string,
): Promise<void> {
  await confirmStore(deps);
  const { objects } = deps;
  const probe = { bucket, key: `${KEPT_PREFIX}probe/${name}/a` };
  const moved = { bucket, key: `${KEPT_PREFIX}probe/${name}/b` };
  // A probe that was killed may have left it.
  await objects.remove(moved);
  await objects.write(probe, Buffer.from('probe'), 'application/octet-stream');
  const stat = await objects.stat(probe);
  if (!stat || (await objects.moveExactly(probe, moved, stat.etag)) !== 'done')
    throw new ObjectStoreError('failed', 'The photo store does not keep what is written to it.');
  await objects.remove(moved);
}
