import { encodeTime, monotonicFactory } from 'ulid';

const next = monotonicFactory();

export type IdPrefix =
  | 'acc'
  | 'mem'
  | 'inv'
  | 'tok'
  | 'prj'
  | 'upl'
  | 'org'
  | 'img'
  | 'job'
  | 'del'
  | 'led'
  | 'stw'
  | 'rec'
  | 'ses'
  | 'tkt'
  | 'att';

/** New id: prefix and a ULID in lower case, so ids sort by the time of their making. */
export function newId(prefix: IdPrefix): string {
  return `${prefix}_${next().toLowerCase()}`;
}

/** No id of this kind that was made from then on sorts before it. */
export function firstIdSince(prefix: IdPrefix, at: Date): string {
  return `${prefix}_${encodeTime(at.getTime()).toLowerCase()}${'0'.repeat(16)}`;
}
