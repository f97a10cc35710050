/** How much of a period is taken, and how much there is. */
export interface Allowance {
  /** Units of the plan; null: any number. */
  readonly limit: number | null;
  /** Units above the limit that may be paid one by one; null: any number. */
  readonly overageCap: number | null;
  /** Units that count, those above the limit among them. */
  readonly units: number;
  readonly overage: number;
}

/** Units of the plan, and units above its limit. */
export interface Grant {
  readonly inPlan: number;
  readonly overage: number;
}

/** What is granted to somebody who asks for `wanted` units: all of them, or null. */
export function grantUnits(allowance: Allowance, wanted: number): Grant | null {
  const inPlan = Math.min(wanted, roomInPlan(allowance));
  const overage = wanted - inPlan;
  return overage <= roomAbove(allowance) ? { inPlan, overage } : null;
}

export function take(allowance: Allowance, { inPlan, overage }: Grant): Allowance {
  return {
    ...allowance,
    units: allowance.units + inPlan + overage,
    overage: allowance.overage + overage,
  };
}

/** How many units would be granted now; null: any number. */
export function unitsLeft(allowance: Allowance): number | null {
  const left = roomInPlan(allowance) + roomAbove(allowance);
  return Number.isFinite(left) ? left : null;
}

/** A limit that became smaller leaves no room, not less than none. */
function roomInPlan({ limit, units, overage }: Allowance): number {
  return limit === null ? Number.POSITIVE_INFINITY : Math.max(0, limit - (units - overage));
}

function roomAbove({ overageCap, overage }: Allowance): number {
  return overageCap === null ? Number.POSITIVE_INFINITY : Math.max(0, overageCap - overage);
}
