import { readFileSync } from 'node:fs';
import {
  box,
  composeHeif,
  cutBox,
  cutItems,
  gridData,
  type HeifItem,
  type HeifShape,
  u16,
  u32,
} from '@stager/server/core/uploads/inspect/testing';
import { HEIGHT, WIDTH } from './chart.ts';

type FixtureName =
  | '10-bit'
  | '12-bit'
  | 'alpha'
  | 'full-chroma'
  | 'grey'
  | 'large'
  | 'odd'
  | 'phone'
  | 'plain'
  | 'tiles';

/** A file that Debian's encoder made; see fixtures/make.ts. */
export function fixture(name: FixtureName): Buffer {
  return readFileSync(new URL(`fixtures/${name}.heic`, import.meta.url));
}

const ftyp = cutBox(fixture('plain'), 'ftyp');

/** Width and height of an item. */
export const ispe = (width: number, height: number): Buffer => box('ispe', u32(0, width, height));
/** Quarter turns against the clock. */
const irot = (turns: number): Buffer => box('irot', [turns]);
/** Colour by the numbers of ITU-T H.273, full range. */
const nclx = (primaries: number, transfer: number): Buffer =>
  box('colr', Buffer.from('nclx'), u16(primaries, transfer, 6), [0x80]);

/** The coded picture of a fixture, with what its decoder needs. */
export function picture(name: FixtureName, ...properties: readonly Buffer[]): HeifItem {
  const bytes = fixture(name);
  const [data = Buffer.alloc(0)] = cutItems(bytes);
  return { type: 'hvc1', data, properties: [cutBox(bytes, 'hvcC'), cutBox(bytes, 'ispe'), ...properties] };
}

/** A file of these items; the first is primary. */
export function compose(shape: Omit<HeifShape, 'ftyp'>): Buffer {
  return composeHeif({ ftyp, ...shape });
}

/** The chart in Display P3, named by number instead of by a profile. */
export function codedColour(primaries: number, transfer: number): Buffer {
  return compose({ items: [picture('phone', nclx(primaries, transfer))] });
}

/** The picture of an AVIF in one item, with its colour by number. */
export function codedAvif(avif: Buffer, primaries: number, transfer: number): Buffer {
  const [data = Buffer.alloc(0)] = cutItems(avif);
  const properties = [cutBox(avif, 'av1C'), cutBox(avif, 'ispe'), nclx(primaries, transfer)];
  return composeHeif({ ftyp: cutBox(avif, 'ftyp'), items: [{ type: 'av01', data, properties }] });
}

export interface PhoneShape {
  /** Quarter turns against the clock: 3 with an upright phone. */
  readonly turns?: number;
  readonly rows?: number;
  readonly columns?: number;
  /** Of the whole, which the last tiles may overlap. */
  readonly width?: number;
  readonly height?: number;
  /** References from the grid to items. */
  readonly tiles?: readonly number[];
  readonly grid?: Buffer;
}

/**
 * As a phone stores a photo: a grid of tiles in Display P3 that is turned by the container, with EXIF that asks for
 * the same turn, and a smaller picture and a gain map beside it. Items: the grid, four tiles, EXIF, two more pictures.
 */
export function phonePhoto(shape: PhoneShape = {}): Buffer {
  const { turns = 3, rows = 2, columns = 2, width = WIDTH - 2, height = HEIGHT - 2 } = shape;
  const { tiles = [2, 3, 4, 5], grid = gridData(rows, columns, width, height) } = shape;
  const coded = fixture('tiles');
  const colour = cutBox(coded, 'colr');
  const setup = cutBox(coded, 'hvcC');
  const size = ispe(WIDTH / 2, HEIGHT / 2);
  const [, exif = Buffer.alloc(0)] = cutItems(fixture('phone'));
  return compose({
    items: [
      { type: 'grid', data: grid, method: 1, properties: [ispe(width, height), colour, irot(turns)] },
      ...cutItems(coded).map((data) => ({ type: 'hvc1', data, properties: [setup, size, colour] })),
      { type: 'Exif', data: exif },
      picture('plain'),
      picture('grey', box('auxC', u32(0), Buffer.from('urn:com:apple:photo:2020:aux:hdrgainmap\0'))),
    ],
    references: [
      { type: 'dimg', from: 1, to: tiles },
      { type: 'cdsc', from: 6, to: [1] },
      { type: 'thmb', from: 7, to: [1] },
      { type: 'auxl', from: 8, to: [1] },
    ],
  });
}
