import type { Mesh, PieceKind, PieceMaker, Style } from '../scene/types.ts';
import { findEntry } from './catalogue.ts';
import { framedArt } from './pieces/art.ts';
import { bed } from './pieces/bed.ts';
import { bookcase } from './pieces/bookcase.ts';
import { chair } from './pieces/chair.ts';
import { floorLamp, tableLamp } from './pieces/lamps.ts';
import { plant } from './pieces/plant.ts';
import { books, bowl, vase } from './pieces/props.ts';
import { rug } from './pieces/rug.ts';
import { seating } from './pieces/seating.ts';
import { coffeeTable, desk, diningTable, nightstand, sideTable } from './pieces/tables.ts';

type Make = (size: Parameters<PieceMaker['make']>[0], style: Style, seed: number) => Mesh;

const MAKERS: Readonly<Record<string, Make>> = {
  sofa: (size, style, seed) => seating(size, style, seed, false),
  armchair: (size, style, seed) => seating(size, style, seed, true),
  bed,
  chair,
  bookcase,
  rug,
  floor_lamp: floorLamp,
  table_lamp: tableLamp,
  framed_art: framedArt,
  coffee_table: coffeeTable,
  side_table: sideTable,
  dining_table: diningTable,
  desk,
  nightstand,
  plant,
  vase,
  bowl,
  books,
};

function piece(kind: PieceKind, make: Make): PieceMaker {
  return { kind, sizes: findEntry(kind).sizes, make };
}

export const PIECES: readonly PieceMaker[] = Object.entries(MAKERS).map(([kind, make]) => piece(kind, make));

/** Throws for a kind that cannot be made. */
export function findPiece(kind: PieceKind): PieceMaker {
  const found = PIECES.find((candidate) => candidate.kind === kind);
  if (!found) throw new Error(`there is no piece ${JSON.stringify(kind)}`);
  return found;
}
