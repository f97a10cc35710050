import { type ItemProperties, NO_PROPERTIES, readProperties } from './avifProperties.ts';
import { type Box, boundItems, Fields, MAX_ITEMS, only, readBoxes } from './isobmff.ts';
import { corrupt, Refusal } from './verdict.ts';

/** A run of an item's bytes: in the file, or in the meta box's own data. Both are offsets in the file. */
export interface Extent {
  readonly from: number;
  readonly to: number;
  readonly inFile: boolean;
}

export interface Item {
  readonly id: number;
  /** Four characters, `av01` and `grid` for pictures; null without an entry in the item information box. */
  readonly type: string | null;
  readonly extents: readonly Extent[];
  readonly properties: ItemProperties;
}

export interface Meta {
  readonly primary: Item;
  readonly items: readonly Item[];
}

const MAX_BOXES = 4096;
/** Over all items; writers store an item in one piece. */
const MAX_EXTENTS = 16_384;

/** Reads the meta box (ISO/IEC 14496-12 section 8.11, ISO/IEC 23008-12): which items there are, where, how large. */
export function readMeta(buf: Buffer, meta: Box): Meta {
  const fields = new Fields(buf, meta.from, meta.to);
  fields.fullBox();
  const boxes = readBoxes(buf, fields.pos, meta.to, MAX_BOXES);
  const primaryId = readPrimaryId(buf, only(boxes, 'pitm'));
  const types = readTypes(buf, only(boxes, 'iinf'));
  const properties = readProperties(buf, only(boxes, 'iprp'));
  const ownData = boxes.find(({ type }) => type === 'idat') ?? null;
  const items = readLocations(buf, only(boxes, 'iloc'), ownData).map(
    ({ id, extents }): Item => ({
      id,
      extents,
      type: types.get(id) ?? null,
      properties: properties.get(id) ?? NO_PROPERTIES,
    }),
  );
  if (new Set(items.map(({ id }) => id)).size !== items.length)
    throw corrupt('AVIF', 'two items share an id');
  const primary = items.find(({ id }) => id === primaryId);
  if (!primary) throw corrupt('AVIF', 'its primary picture has no place in the file');
  return { primary, items };
}

function readPrimaryId(buf: Buffer, box: Box): number {
  const fields = new Fields(buf, box.from, box.to);
  return fields.uint(fields.fullBox().version === 0 ? 2 : 4);
}

function readTypes(buf: Buffer, box: Box): Map<number, string> {
  const fields = new Fields(buf, box.from, box.to);
  fields.uint(fields.fullBox().version === 0 ? 2 : 4); // entry_count: the boxes themselves are counted
  const entries = readBoxes(buf, fields.pos, box.to, MAX_ITEMS)
    .filter(({ type }) => type === 'infe')
    .map((entry) => readEntry(buf, entry));
  const types = new Map(entries);
  if (types.size !== entries.length) throw corrupt('AVIF', 'an item is described twice');
  return types;
}

function readEntry(buf: Buffer, box: Box): [number, string] {
  const fields = new Fields(buf, box.from, box.to);
  const { version } = fields.fullBox();
  if (version !== 2 && version !== 3) throw corrupt('AVIF', 'an item is described in an outdated form');
  const id = fields.uint(version === 2 ? 2 : 4);
  fields.skip(2); // item_protection_index
  return [id, fields.text(4)];
}

const NUMBER_BYTES = [0, 4, 8];

/** The item location box (ISO/IEC 14496-12 section 8.11.3). */
function readLocations(buf: Buffer, box: Box, ownData: Box | null): { id: number; extents: Extent[] }[] {
  const fields = new Fields(buf, box.from, box.to);
  const { version } = fields.fullBox();
  const widths = fields.uint(2);
  const [offset = 0, length = 0, base = 0] = [12, 8, 4].map((shift) => (widths >> shift) & 15);
  const index = version === 0 ? 0 : widths & 15;
  const isKnown = [offset, length, base, index].every((bytes) => NUMBER_BYTES.includes(bytes));
  // A length of no bytes means "the whole file": an extent would cost nothing to write, and none but bombs use it.
  if (version > 2 || length === 0 || !isKnown) throw corrupt('AVIF', 'its list of items has an unknown form');
  let total = 0;
  return Array.from({ length: boundItems(fields.uint(version < 2 ? 2 : 4)) }, () => {
    const id = fields.uint(version < 2 ? 2 : 4);
    const method = version === 0 ? 0 : fields.uint(2) & 15;
    if (fields.uint(2) !== 0) throw corrupt('AVIF', 'an item lies in another file');
    const start = fields.uint(base) + originOf(method, ownData);
    const count = fields.uint(2);
    total += count;
    if (total > MAX_EXTENTS) throw corrupt('AVIF', `its items lie in more than ${MAX_EXTENTS} pieces`);
    const extents = Array.from({ length: count }, (): Extent => {
      if (version > 0) fields.skip(index);
      const from = start + fields.uint(offset);
      return { from, to: from + fields.uint(length), inFile: method === 0 };
    });
    return { id, extents };
  });
}

function originOf(method: number, ownData: Box | null): number {
  if (method === 0) return 0;
  if (method === 1 && ownData) return ownData.from;
  throw new Refusal(
    'unsupported_format',
    'The AVIF stores its picture as a part of another item; direct storage is accepted. Export the photo as JPEG.',
  );
}
