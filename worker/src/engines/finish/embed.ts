import { crc32, deflateSync } from 'node:zlib';

/**
 * Puts a colour profile into encoded files. sharp attaches a profile only together with a conversion, and the
 * pixels are in the profile's space already.
 */

const JPEG_MARK = Buffer.from('ICC_PROFILE\0', 'latin1');
/** A segment holds 65,535 bytes with its length field, the mark, and two counters (ICC.1:2022 annex B.4). */
const JPEG_CHUNK = 65_535 - 2 - JPEG_MARK.length - 2;

/** Inserts APP2 segments after the APP0 and APP1 segments at the start. */
export function embedInJpeg(jpeg: Buffer, profile: Buffer): Buffer {
  let at = 2;
  while (jpeg[at] === 0xff && (jpeg[at + 1] === 0xe0 || jpeg[at + 1] === 0xe1)) {
    at += 2 + jpeg.readUInt16BE(at + 2);
  }
  const chunks = Math.ceil(profile.length / JPEG_CHUNK);
  const segments = Array.from({ length: chunks }, (_, index) => {
    const part = profile.subarray(index * JPEG_CHUNK, (index + 1) * JPEG_CHUNK);
    const head = Buffer.from([0xff, 0xe2, 0, 0]);
    head.writeUInt16BE(2 + JPEG_MARK.length + 2 + part.length, 2);
    return Buffer.concat([head, JPEG_MARK, Buffer.from([index + 1, chunks]), part]);
  });
  return Buffer.concat([jpeg.subarray(0, at), ...segments, jpeg.subarray(at)]);
}

/** Signature and the IHDR chunk, which is always first and always 25 bytes (PNG section 11.2.1). */
const PNG_HEAD = 8 + 25;

/** Inserts an iCCP chunk (PNG section 11.3.2.3) after IHDR. */
export function embedInPng(png: Buffer, profile: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from('iCCPicc\0\0', 'latin1'), deflateSync(profile)]);
  const chunk = Buffer.alloc(4 + body.length + 4);
  chunk.writeUInt32BE(body.length - 4, 0);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(body), 4 + body.length);
  return Buffer.concat([png.subarray(0, PNG_HEAD), chunk, png.subarray(PNG_HEAD)]);
}
