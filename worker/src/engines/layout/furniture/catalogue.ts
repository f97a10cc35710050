import type { PieceKind } from '../scene/types.ts';
import { TO_REST } from './entries/restEntries.ts';
import { TO_LOOK_AT } from './entries/thingEntries.ts';
import { TO_USE } from './entries/workEntries.ts';
import type { CatalogueEntry } from './entry.ts';

export { type CatalogueEntry, type Clearance, ROOM_TYPES, type RoomType } from './entry.ts';

export const CATALOGUE: readonly CatalogueEntry[] = [...TO_REST, ...TO_USE, ...TO_LOOK_AT];

/** Throws for a kind that is not in the catalogue. */
export function findEntry(kind: PieceKind): CatalogueEntry {
  const found = CATALOGUE.find((candidate) => candidate.kind === kind);
  if (!found) throw new Error(`there is no piece ${JSON.stringify(kind)}`);
  return found;
}
