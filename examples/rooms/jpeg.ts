import sharp from 'sharp';
import type { Camera } from './camera.ts';
import type { Room } from './rooms.ts';

/** Writes a picture as a camera would: JPEG, 4:2:0, EXIF. */
export async function writeJpeg(
  file: string,
  pixels: Buffer,
  camera: Camera,
  { orientation6, gps, displayP3 }: NonNullable<Room['metadata']>,
): Promise<void> {
  const raw = { width: camera.width, height: camera.height, channels: 3 as const };
  let picture = sharp(pixels, { raw });
  // Stored lying on its side, as by a camera that was held upright.
  if (orientation6)
    picture = sharp(await picture.rotate(-90).raw().toBuffer(), {
      raw: { ...raw, width: raw.height, height: raw.width },
    });
  if (displayP3) picture = picture.withIccProfile('p3');
  const focal35 = Math.round((36 / camera.width) * camera.focal);
  await picture
    .withExif({
      IFD0: { Make: 'Stager', Model: 'Room Tracer', Software: 'examples/rooms' },
      IFD2: {
        DateTimeOriginal: '2026:05:04 11:30:00',
        FNumber: '8/1',
        FocalLengthIn35mmFilm: String(focal35),
      },
      ...(gps
        ? {
            IFD3: {
              GPSLatitudeRef: 'N',
              GPSLatitude: '52/1 31/1 12/1',
              GPSLongitudeRef: 'E',
              GPSLongitude: '13/1 24/1 18/1',
            },
          }
        : {}),
    })
    .withMetadata(orientation6 ? { orientation: 6 } : {})
    .jpeg({ quality: 84, chromaSubsampling: '4:2:0' })
    .toFile(file);
}
