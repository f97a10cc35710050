/** Changes that any installation may have, however small. */
const CHANGES_FLOOR = 20;
/** Above the floor, so much of the smaller side. */
const CHANGES_SHARE = 0.01;

export interface Sides {
  /** Rows that name objects, and objects that are ours. */
  readonly rows: number;
  readonly objects: number;
}

export interface Judgement {
  readonly reason: { readonly code: string; readonly message: string } | null;
  /** More changes than this need the override. */
  readonly changesMax: number;
}

/** Most changes that an apply makes without being told that so many are meant. */
export function changesMax({ rows, objects }: Sides): number {
  return Math.max(CHANGES_FLOOR, Math.floor(Math.min(rows, objects) * CHANGES_SHARE));
}

/**
 * Whether what a scan has found can be acted on. A store that is not the right one, or not all of it, looks like one from
 * which everything was lost; so does a database that was restored from long ago.
 * @param changes findings that an apply would act on
 * @param sentinels whether the objects that tell the right store were found
 */
export function judge(
  sides: Sides,
  changes: number,
  sentinels: 'found' | 'missing' | 'not_looked_for',
): Judgement {
  const max = changesMax(sides);
  const stop = (code: string, message: string): Judgement => ({ reason: { code, message }, changesMax: max });
  if (sentinels === 'missing') {
    return stop(
      'sentinel_missing',
      'The object that tells this store from others is not in it: is it the right store, and all of it?',
    );
  }
  const { rows, objects } = sides;
  if (rows === 0 && objects > 0)
    return stop('no_rows', `There are ${objects} objects and not one row: is it the right database?`);
  if (objects === 0 && rows > 0)
    return stop(
      'no_objects',
      `There are ${rows} rows and not one object: is the store there, and is it the right one?`,
    );
  if (changes > max)
    return stop(
      'too_many_changes',
      `${changes} changes are more than is usual: at most ${max} are made unasked.`,
    );
  return { reason: null, changesMax: max };
}
