import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

/**
 * libheif as WebAssembly: an unmodified package, for sharp's own libheif has no decoder for HEVC. It is loaded when
 * the first HEIC comes.
 */

/** What is used of the package, whose own types leave out what its JavaScript adds. */
interface LibHeif {
  readonly heif_colorspace: { readonly heif_colorspace_RGB: unknown };
  readonly heif_chroma: {
    readonly heif_chroma_interleaved_RGB: unknown;
    readonly heif_chroma_interleaved_RGBA: unknown;
  };
  readonly heif_error_code: { readonly heif_error_Ok: unknown };
  heif_context_alloc(): unknown;
  heif_context_read_from_memory(context: unknown, bytes: Uint8Array): { code: unknown; message: string };
  heif_js_context_get_primary_image_handle(context: unknown): unknown;
  heif_image_handle_has_alpha_channel(handle: unknown): number;
  heif_js_decode_image2(handle: unknown, colorspace: unknown, chroma: unknown): Promise<DecodedHeif>;
  /** Without room for any it tells how many there are. */
  _heif_image_get_decoding_warnings(image: number, first: number, room: number, count: number): number;
}

interface DecodedHeif {
  /** As Emscripten wraps a pointer. */
  readonly image?: { readonly $$: { readonly ptr: number } };
  readonly channels?: readonly {
    readonly width: number;
    readonly height: number;
    /** Bytes from one row to the next. */
    readonly stride: number;
    readonly data: Uint8Array;
  }[];
  readonly message?: string;
}

export interface HeicPixels {
  /** 8 bits a sample, rows from the top without gaps. */
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
}

const require = createRequire(import.meta.url);
const BINARY = 'libheif-js/libheif-wasm/libheif.wasm';
let binary: Promise<Buffer> | undefined;

/**
 * A decoder of its own for each photo: its memory is given back as a whole, and what a hostile file may have done in
 * it ends with the photo. The engine keeps what it compiled, so the second start takes some milliseconds.
 */
async function instantiate(): Promise<LibHeif> {
  binary ??= readFile(require.resolve(BINARY));
  // A CommonJS module whose only export is this function.
  const create = require('libheif-js/libheif-wasm/libheif.js') as (options: object) => LibHeif;
  return create({ wasmBinary: await binary, print: () => undefined, printErr: () => undefined });
}

/**
 * The primary picture, upright: the decoder has cropped, turned and mirrored it as the container says. More than 8
 * bits become 8. Rejects for what it cannot decode as a whole: tiles that are missing would be black.
 */
export async function decodeHeic(bytes: Uint8Array): Promise<HeicPixels> {
  const heif = await instantiate();
  const context = heif.heif_context_alloc();
  const { code, message } = heif.heif_context_read_from_memory(context, bytes);
  if (code !== heif.heif_error_code.heif_error_Ok) throw new Error(`the HEIC cannot be read: ${message}`);
  const handle = heif.heif_js_context_get_primary_image_handle(context);
  if (isError(handle)) throw new Error('the HEIC has no primary picture');
  const hasAlpha = heif.heif_image_handle_has_alpha_channel(handle) !== 0;
  const { heif_chroma_interleaved_RGB: rgb, heif_chroma_interleaved_RGBA: rgba } = heif.heif_chroma;
  const decoded = await heif.heif_js_decode_image2(
    handle,
    heif.heif_colorspace.heif_colorspace_RGB,
    hasAlpha ? rgba : rgb,
  );
  const [channel] = decoded.channels ?? [];
  if (!channel || !decoded.image) throw new Error(`the HEIC cannot be decoded: ${decoded.message}`);
  const warnings = heif._heif_image_get_decoding_warnings(decoded.image.$$.ptr, 0, 0, 0);
  if (warnings > 0) throw new Error(`the HEIC is decoded in part, with ${warnings} warnings`);
  const channels = hasAlpha ? 4 : 3;
  const { width, height, stride, data } = channel;
  return { data: closeGaps(data, width * channels, height, stride), width, height, channels };
}

function isError(handle: unknown): boolean {
  return typeof handle !== 'object' || handle === null || 'code' in handle;
}

/** In place: the rows move to the front. A second copy of a large photo would not fit beside the first. */
function closeGaps(data: Uint8Array, rowBytes: number, rows: number, stride: number): Uint8Array {
  if (stride !== rowBytes) {
    for (let row = 1; row < rows; row++)
      data.copyWithin(row * rowBytes, row * stride, row * stride + rowBytes);
  }
  return data.subarray(0, rowBytes * rows);
}
