import type { EventRange } from '../../ports/index.ts';

export type Start =
  | { readonly kind: 'snapshot' }
  | { readonly kind: 'resume'; readonly after: number }
  | { readonly kind: 'reset'; readonly reason: 'id_too_old' | 'id_unknown' };

/**
 * Where a stream begins. Positions are dense, so an id can be judged from the range alone:
 * behind the head it was never issued (or by another installation), before the oldest it was pruned.
 */
export function decideStart(lastEventId: string | undefined, range: EventRange): Start {
  if (lastEventId === undefined || lastEventId === '') return { kind: 'snapshot' };
  if (!/^\d{1,15}$/.test(lastEventId)) return { kind: 'reset', reason: 'id_unknown' };
  const after = Number(lastEventId);
  if (after > range.head) return { kind: 'reset', reason: 'id_unknown' };
  if (after < range.oldest - 1) return { kind: 'reset', reason: 'id_too_old' };
  return { kind: 'resume', after };
}
