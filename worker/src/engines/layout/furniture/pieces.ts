import type { Mesh, PieceKind, PieceMaker, Style } from '../scene/types.ts';
import { findEntry } from './catalogue.ts';
import { framedArt } from './pieces/art.ts';
import { bed } from './pieces/bed.ts';
import { bookcase } from './pieces/bookcase.ts';
import { chair } from './pieces/chair.ts';
import { deskChair } from './pieces/deskChair.ts';
import { bunkBed, crib, kidsBed } from './pieces/kids.ts';
import { floorLamp, tableLamp } from './pieces/lamps.ts';
import { mirror } from './pieces/mirror.ts';
import { plant } from './pieces/plant.ts';
import { books, bowl, vase } from './pieces/props.ts';
import { rug } from './pieces/rug.ts';
import { seating } from './pieces/seating.ts';
import { barStool, bench, pouf } from './pieces/stools.ts';
import {
  coatRack,
  consoleTable,
  dresser,
  filingCabinet,
  shoeBench,
  sideboard,
  television,
  tvUnit,
  wardrobe,
} from './pieces/storage.ts';
import { coffeeTable, desk, diningTable, nightstand, roundTable, sideTable } from './pieces/tables.ts';

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
  sideboard,
  tv_unit: tvUnit,
  television,
  dresser,
  wardrobe,
  filing_cabinet: filingCabinet,
  console_table: consoleTable,
  shoe_bench: shoeBench,
  coat_rack: coatRack,
  bench,
  pouf,
  bar_stool: barStool,
  desk_chair: deskChair,
  round_table: roundTable,
  kids_bed: kidsBed,
  bunk_bed: bunkBed,
  crib,
  mirror,
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
