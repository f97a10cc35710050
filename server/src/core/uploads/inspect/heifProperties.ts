import { type Box, boundItems, damaged, Fields, only, readBoxes } from './isobmff.ts';

/** Bytes of the file. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Code points of ITU-T H.273. */
export interface CodedColour {
  readonly primaries: number;
  readonly transfer: number;
}

export interface ItemProperties {
  /** `ispe`: width and height before any turn; null without it. */
  readonly size: { readonly width: number; readonly height: number } | null;
  /** `irot` and then `imir`, as the EXIF orientation that does the same. */
  readonly orientation: number;
  /** `hvcC`: what the decoder is set up with. */
  readonly config: Range | null;
  /** `colr` with an ICC profile, and with numbers; an item may have both. */
  readonly icc: Range | null;
  readonly coded: CodedColour | null;
}

interface Property {
  readonly size?: { width: number; height: number };
  /** Quarter turns against the clock. */
  readonly turns?: number;
  /** 0 swaps top and bottom, 1 left and right. */
  readonly mirror?: number;
  readonly config?: Range;
  readonly icc?: Range;
  readonly coded?: CodedColour;
}

export const NO_PROPERTIES: ItemProperties = {
  size: null,
  orientation: 1,
  config: null,
  icc: null,
  coded: null,
};

const MAX_PROPERTIES = 4096;
/** One box of each of its versions and widths. */
const MAX_ASSOCIATION_BOXES = 4;

/** EXIF orientation by quarter turns against the clock, then without mirror, mirrored over axis 0, over axis 1. */
const ORIENTATIONS: readonly (readonly [number, number, number])[] = [
  [1, 4, 2],
  [8, 5, 7],
  [3, 2, 4],
  [6, 7, 5],
];

/**
 * What each item has of the properties that matter here (ISO/IEC 23008-12 section 9.3): the container lists them, the
 * association boxes count them from 1.
 */
export function readProperties(buf: Buffer, box: Box): Map<number, ItemProperties> {
  const boxes = readBoxes(buf, box.from, box.to, MAX_PROPERTIES);
  const container = only(boxes, 'ipco');
  const listed = readBoxes(buf, container.from, container.to, MAX_PROPERTIES).map((entry) =>
    readProperty(buf, entry),
  );
  const properties = new Map<number, ItemProperties>();
  const associations = boxes.filter(({ type }) => type === 'ipma');
  if (associations.length > MAX_ASSOCIATION_BOXES) throw damaged('it has too many boxes ipma');
  for (const association of associations) {
    for (const { id, indices } of readAssociations(buf, association)) {
      if (properties.has(id)) throw damaged('an item has its properties twice');
      properties.set(id, combine(indices.flatMap((index) => listed[index - 1] ?? [])));
    }
  }
  return properties;
}

function readProperty(buf: Buffer, { type, from, to }: Box): Property {
  const fields = new Fields(buf, from, to);
  switch (type) {
    case 'ispe':
      fields.fullBox();
      return { size: { width: fields.uint(4), height: fields.uint(4) } };
    case 'irot':
      return { turns: fields.uint(1) & 3 };
    case 'imir':
      return { mirror: fields.uint(1) & 1 };
    case 'hvcC':
      return { config: { from, to } };
    case 'colr':
      return readColour(fields, to);
    default:
      return {};
  }
}

/** Colour information (ISO/IEC 14496-12 section 12.1.5). */
function readColour(fields: Fields, to: number): Property {
  switch (fields.text(4)) {
    case 'prof':
    case 'rICC':
      return { icc: { from: fields.pos, to } };
    case 'nclx':
      return { coded: { primaries: fields.uint(2), transfer: fields.uint(2) } };
    default:
      return {};
  }
}

function combine(own: readonly Property[]): ItemProperties {
  const sizes = own.flatMap(({ size }) => size ?? []);
  if (sizes.length > 1) throw damaged('an item has two sizes');
  const turns = own.find((property) => property.turns !== undefined)?.turns ?? 0;
  const mirror = own.find((property) => property.mirror !== undefined)?.mirror;
  return {
    size: sizes[0] ?? null,
    orientation: ORIENTATIONS[turns]?.[mirror === undefined ? 0 : mirror + 1] ?? 1,
    config: own.find(({ config }) => config)?.config ?? null,
    icc: own.find(({ icc }) => icc)?.icc ?? null,
    coded: own.find(({ coded }) => coded)?.coded ?? null,
  };
}

function readAssociations(buf: Buffer, box: Box): { id: number; indices: number[] }[] {
  const fields = new Fields(buf, box.from, box.to);
  const { version, flags } = fields.fullBox();
  const isWide = (flags & 1) !== 0;
  return Array.from({ length: boundItems(fields.uint(4)) }, () => {
    const id = fields.uint(version < 1 ? 2 : 4);
    const count = fields.uint(1);
    // The top bit says whether the property is essential.
    const indices = Array.from(
      { length: count },
      () => fields.uint(isWide ? 2 : 1) & (isWide ? 0x7fff : 0x7f),
    );
    return { id, indices };
  });
}
