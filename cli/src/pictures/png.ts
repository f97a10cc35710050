import { crc32, deflateSync } from 'node:zlib';
import type { Bitmap } from './bitmap.ts';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Eight bits a sample, red green blue and alpha, and the only methods there are (PNG 11.2.1). */
const FORMAT = [8, 6, 0, 0, 0];

/** Pictures of one height beside each other, with a gap that the terminal's own background shows through, pixels. */
export function encodePng(pictures: readonly Bitmap[], gap: number): Buffer {
  const width = pictures.reduce((sum, picture) => sum + picture.width, gap * (pictures.length - 1));
  const height = Math.min(...pictures.map((picture) => picture.height));
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set(FORMAT, 8);
  // Each row begins with its filter: 0, none.
  const rows = Buffer.alloc(height * (4 * width + 1));
  for (let y = 0; y < height; y += 1) {
    let at = y * (4 * width + 1) + 1;
    for (const picture of pictures) {
      const end = 3 * (y + 1) * picture.width;
      for (let from = end - 3 * picture.width; from < end; from += 3, at += 4) {
        rows.set(picture.data.subarray(from, from + 3), at);
        rows[at + 3] = 255;
      }
      at += 4 * gap;
    }
  }
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
