import type { ImageRow, NewImage } from '../../ports/index.ts';
import { type Allowance, grantUnits, take } from '../billing/quota.ts';
import { quotaExceeded, type Tariff } from '../billing/reserve.ts';
import type { Standing } from '../billing/standing.ts';
import type { Act } from '../context.ts';
import { type DomainError, itemError } from '../errors.ts';

/** What an item asks for, or why it is refused. */
export type Plan = NewImage[] | ReturnType<typeof itemError>;

export interface Admission {
  readonly plans: readonly Plan[];
  /** The images that have to be made. */
  readonly fresh: readonly { readonly image: NewImage; readonly overage: boolean }[];
  /** With what was granted. */
  readonly allowance: Allowance;
}

interface Circumstances {
  /** By spec, the images that are there already. */
  readonly known: ReadonlyMap<string, ImageRow>;
  readonly reuse: boolean;
  readonly tariff: Tariff;
  readonly standing: Standing;
}

/** With the page on which it can be put right, as where all are refused. */
function refusedItem({ code, message, extra: { link } }: DomainError): ReturnType<typeof itemError> {
  const { status, error } = itemError(code, message);
  return { status, error: { ...error, ...(link !== undefined && { link }) } };
}

/**
 * Grants units in the order of the items. An item gets all that it asks for or nothing; a later one may still find room.
 * What is there already, or is made for an item before, takes no unit.
 * @throws DomainError `quota_exceeded` when no item is left that has anything
 */
export function admit(
  act: Pick<Act, 'caller'>,
  planned: readonly Plan[],
  { known, reuse, tariff, standing }: Circumstances,
): Admission {
  let { allowance } = standing;
  let refused: DomainError | undefined;
  const fresh: { image: NewImage; overage: boolean }[] = [];
  const specs = new Set(known.keys());
  const admitted = planned.map((plan): Plan => {
    if (!Array.isArray(plan)) return plan;
    const needed = reuse ? plan.filter(({ specHash }) => !specs.has(specHash)) : plan;
    const grant = grantUnits(allowance, needed.length);
    if (!grant) {
      const error = quotaExceeded(act, tariff, standing, allowance, needed.length);
      refused ??= error;
      return refusedItem(error);
    }
    allowance = take(allowance, grant);
    for (const [n, image] of needed.entries()) {
      specs.add(image.specHash);
      fresh.push({ image, overage: n >= grant.inPlan });
    }
    return plan;
  });
  if (refused && !admitted.some(Array.isArray)) throw refused;
  return { plans: admitted, fresh, allowance };
}
