import { type ItemProperties, NO_PROPERTIES, type Range, readProperties } from './heifProperties.ts';
import { type Box, boundItems, damaged, Fields, MAX_ITEMS, only, readBoxes } from './isobmff.ts';
import { Refusal } from './verdict.ts';

/** A run of an item's bytes: in the file, or in the meta box's own data. Both are offsets in the file. */
export interface Extent extends Range {
  readonly inFile: boolean;
}

export interface Item {
  readonly id: number;
  /** Four characters, for pictures `av01`, `hvc1` and `grid`; null without an entry in the item information box. */
  readonly type: string | null;
  readonly extents: readonly Extent[];
  readonly properties: ItemProperties;
}

/** That one item is made of others (`dimg`), describes them (`cdsc`) or belongs to them (`auxl`, `thmb`). */
export interface Reference {
  readonly type: string;
  readonly from: number;
  readonly to: readonly number[];
}

export interface Meta {
  readonly primary: Item;
  readonly items: readonly Item[];
  readonly references: readonly Reference[];
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
  if (new Set(items.map(({ id }) => id)).size !== items.length) throw damaged('two items share an id');
  const primary = items.find(({ id }) => id === primaryId);
  if (!primary) throw damaged('its primary picture has no place in the file');
  const referenceBox = boxes.find(({ type }) => type === 'iref');
  return { primary, items, references: referenceBox ? readReferences(buf, referenceBox) : [] };
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
  if (types.size !== entries.length) throw damaged('an item is described twice');
  return types;
}

function readEntry(buf: Buffer, box: Box): [number, string] {
  const fields = new Fields(buf, box.from, box.to);
  const { version } = fields.fullBox();
  if (version !== 2 && version !== 3) throw damaged('an item is described in an outdated form');
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
  if (version > 2 || length === 0 || !isKnown) throw damaged('its list of items has an unknown form');
  let total = 0;
  return Array.from({ length: boundItems(fields.uint(version < 2 ? 2 : 4)) }, () => {
    const id = fields.uint(version < 2 ? 2 : 4);
    const method = version === 0 ? 0 : fields.uint(2) & 15;
    if (fields.uint(2) !== 0) throw damaged('an item lies in another file');
    const start = fields.uint(base) + originOf(method, ownData);
    const count = fields.uint(2);
    total += count;
    if (total > MAX_EXTENTS) throw damaged(`its items lie in more than ${MAX_EXTENTS} pieces`);
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
    'The file stores its picture as a part of another item; direct storage is accepted. Export the photo as JPEG.',
  );
}

/** The item reference box (ISO/IEC 14496-12 section 8.11.12). */
function readReferences(buf: Buffer, box: Box): Reference[] {
  const fields = new Fields(buf, box.from, box.to);
  const idBytes = fields.fullBox().version === 0 ? 2 : 4;
  return readBoxes(buf, fields.pos, box.to, MAX_BOXES).map(({ type, from, to }) => {
    const entry = new Fields(buf, from, to);
    const source = entry.uint(idBytes);
    const targets = Array.from({ length: boundItems(entry.uint(2)) }, () => entry.uint(idBytes));
    // A grid of one tile that is unpacked a thousand times.
    if (new Set(targets).size !== targets.length) throw damaged('an item refers to another one twice');
    return { type, from: source, to: targets };
  });
}
