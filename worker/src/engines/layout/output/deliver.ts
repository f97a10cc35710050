import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LayoutParams } from '@stager/server/core/engines/layout';
import { encodeBefore } from '../../finish/before.ts';
import type { Decoded } from '../../finish/decode.ts';
import { encode } from '../../finish/encode.ts';
import type { Pixels } from '../../finish/pixels.ts';
import type { EngineOutput, JsonRecord } from '../../types.ts';
import type { Furnished } from '../furnish.ts';
import { labelBelow } from '../label/label.ts';
import { LABEL_XMP } from '../label/xmp.ts';
import type { Rectangle } from '../render/check.ts';
import type { Rendered } from '../render/render.ts';
import { formatLayout } from '../solver/layout.ts';
import type { Understood } from '../understand.ts';
import { depthOf, encodeDepth, encodeMask, linesOf, maskOf } from './maps.ts';
import { differenceOutside } from './proof.ts';

const QUALITY = 90;
const THUMBNAIL_EDGE = 512;
const THUMBNAIL_QUALITY = 80;
/** More than any picture: nothing is made smaller. */
const ANY_SIZE = 100_000;

interface Delivery {
  readonly workDir: string;
  readonly params: LayoutParams;
  readonly source: Decoded;
  readonly photo: Pixels;
  /** The one that was checked. */
  readonly picture: Pixels;
  readonly rendered: Rendered;
  readonly label: Rectangle | undefined;
  readonly understood: Understood;
  readonly furnished: Furnished;
}

/** Writes every output. @param report made from the largest difference of the delivered file, in levels */
export async function deliver(delivery: Delivery, report: (largestDifference: number) => JsonRecord) {
  const { workDir, params, source, photo, picture, rendered, label, understood, furnished } = delivery;
  const { width, height } = photo;
  const { format } = params;
  const { profile, exif } = source;
  const labelled = params.label === 'caption' ? labelBelow(picture) : picture;
  const full = { format, quality: QUALITY, longEdge: ANY_SIZE, profile, exif };
  const staged = await encode(labelled, { ...full, xmp: LABEL_XMP });
  const finished = await encode(photo, full);
  const thumbnail = await encode(labelled, {
    format: 'jpeg',
    quality: THUMBNAIL_QUALITY,
    longEdge: THUMBNAIL_EDGE,
    profile,
    exif: null,
    xmp: LABEL_XMP,
  });
  const before = await encodeBefore(source.pixels, profile);
  const depth = depthOf(furnished.layout.room, rendered.depth, width, height);
  const scale = width / understood.room.width;
  const lines = linesOf(understood.camera, understood.read.floor, scale, width, height);
  const save = async (name: string, kind: Kind, bytes: Uint8Array | string, size = { width, height }) => {
    const path = join(workDir, `${name}.${kind}`);
    await writeFile(path, bytes);
    return { name, path, contentType: TYPES[kind], width: size.width, height: size.height };
  };
  const picturesAs = format === 'png' ? 'png' : 'jpg';
  const first = await save('staged', picturesAs, staged.bytes, staged);
  const largestDifference = await differenceOutside(first.path, photo, rendered, label);
  const outputs: EngineOutput[] = [
    first,
    await save('finished', picturesAs, finished.bytes),
    await save('mask', 'png', await encodeMask(maskOf(rendered, label, width), width, height)),
    await save('depth', 'png', await encodeDepth(depth, width, height)),
    await save('lines', 'png', await encodeMask(lines.data, width, height)),
    await save('layout', 'json', formatLayout(furnished.layout)),
    await save('report', 'json', `${JSON.stringify(report(largestDifference), undefined, 2)}\n`),
    await save('thumbnail', 'jpg', thumbnail.bytes, thumbnail),
    await save('before', 'jpg', before.bytes, before),
  ];
  return { outputs, largestDifference };
}

const TYPES = { jpg: 'image/jpeg', png: 'image/png', json: 'application/json' } as const;
type Kind = keyof typeof TYPES;
