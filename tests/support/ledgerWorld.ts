import { type CreatedImages, CreateImages } from '../../server/src/contract/index.ts';
import { standingOf } from '../../server/src/core/billing/account.ts';
import { type Plans, plansWith } from '../../server/src/core/billing/plans.ts';
import type { Standing } from '../../server/src/core/billing/standing.ts';
import type { Act } from '../../server/src/core/context.ts';
import { cancelImage, deleteImage, retryImage } from '../../server/src/core/images/commands.ts';
import { createImages } from '../../server/src/core/images/createImages.ts';
import type { Store } from '../../server/src/ports/index.ts';
import { addOriginal, makeAccount } from './fixtures.ts';

/** Small enough to be used up. */
export const SMALL_PLANS = plansWith({ free: { limit: 3 }, pro: { limit: 5 } });

/** What a customer does with images, by the commands of the API. */
export interface Customer {
  readonly owner: string;
  readonly originalId: string;
  create(body: object, options?: Options): Promise<CreatedImages[]>;
  /** Ids of the images that were made of so many items; none when none was granted. */
  make(count: number, options?: Options): Promise<string[]>;
  retry(imageId: string, options?: Options): Promise<unknown>;
  cancel(imageId: string): Promise<unknown>;
  remove(imageId: string): Promise<void>;
  standing(now: Date): Promise<Standing>;
}

export interface Options {
  readonly plans?: Plans;
  readonly now?: Date;
  /** Another process. */
  readonly store?: Store;
  /** Called within the transaction when all was done. */
  readonly last?: () => unknown;
}

export async function makeCustomer(store: Store, plan = 'free'): Promise<Customer> {
  const owner = await makeAccount(store, undefined, plan);
  const { id: originalId } = await addOriginal(store.account(owner).read, owner);
  const caller = { accountId: owner, principal: 'auth0|ann', role: 'owner' } as const;
  const about = { caller, credential: { kind: 'login', id: null }, requestId: 'r' } as const;
  const act = <T>(run: (act: Act, plans: Plans) => Promise<T>, options: Options = {}): Promise<T> =>
    (options.store ?? store).account(owner).transaction(async (tx) => {
      const { now = new Date(), plans = SMALL_PLANS } = options;
      const result = await run({ ...about, tx, now }, plans);
      await options.last?.();
      return result;
    });
  const create: Customer['create'] = (body, options) =>
    act((one, plans) => createImages(one, { plans, sold: true }, CreateImages.parse(body)), options);
  return {
    owner,
    originalId,
    create,
    async make(count, options) {
      const items = Array.from({ length: count }, () => ({ originalId }));
      const results = await create({ items }, options).catch(noneGranted);
      return results.flatMap((result) => (result.status === 'ok' ? result.images.map(({ id }) => id) : []));
    },
    retry: (id, options) => act((one, plans) => retryImage(one, { plans, sold: true }, id), options),
    cancel: (id) => act((one) => cancelImage(one, id)),
    standing: (now) => act((one, plans) => standingOf(one, plans), { now }),
    remove: (id) => act((one) => deleteImage(one, id)),
  };
}

function noneGranted(error: unknown): CreatedImages[] {
  if (Object(error).code === 'quota_exceeded') return [];
  throw error;
}
