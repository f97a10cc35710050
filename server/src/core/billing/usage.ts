import type { QueryOf, Routes, Usage } from '../../contract/index.ts';
import type { UsagePlace } from '../../ports/index.ts';
import type { Act } from '../context.ts';
import { decodePlace, encodePlace } from '../cursor.ts';
import { standingOf } from './account.ts';
import type { Plans } from './plans.ts';
import { presentUsage } from './present.ts';

interface UsagePage {
  readonly periodStart: string;
  readonly items: Usage[];
  readonly nextCursor: string | null;
}

/** What counts, by day and project. */
export async function listUsage(
  act: Act,
  plans: Plans,
  { periodStart, limit, cursor }: QueryOf<Routes['getBillingUsage']>,
): Promise<UsagePage> {
  const start = await startOf(act, plans, periodStart);
  const after = placeOf(decodePlace(cursor, /^usage:\d{4}-\d\d-\d\d\/(prj_[0-9a-z]{26})?$/));
  const rows = await act.tx.billing.listUsage(act.caller.accountId, start, { limit: limit + 1, after });
  const items = rows.slice(0, limit).map(presentUsage);
  const last = items.at(-1);
  const more = rows.length > limit && last;
  return {
    periodStart: start.toISOString(),
    items,
    nextCursor: more ? encodePlace(`usage:${last.day}/${last.projectId ?? ''}`) : null,
  };
}

/** People know on which day it was, and not the second at which their subscription began. */
async function startOf(act: Act, plans: Plans, moment: string | undefined): Promise<Date> {
  if (moment === undefined) return (await standingOf(act, plans)).period.start;
  const at = new Date(moment);
  return (await act.tx.billing.periodAt(act.caller.accountId, at)) ?? at;
}

function placeOf(text: string | null): UsagePlace | null {
  const [day, projectId] = text?.slice('usage:'.length).split('/') ?? [];
  return day === undefined ? null : { day, projectId: projectId || null };
}
