import sharp from 'sharp';
import { examplePhoto } from '../../worker/src/engines/layout/render/fixtures.ts';
import { render } from '../../worker/src/engines/layout/render/render.ts';
import { BENCH_PHOTO, benchPieces, benchRoom } from './engine-scene.ts';

const [quality = 'preview', cover = '15'] = process.argv.slice(2);
const width = quality === 'preview' ? 775 : 1732;

/** What any engine does: decode, bring to size, encode. */
async function decodeAndEncode(): Promise<number> {
  const begin = performance.now();
  const { width: across, height, data } = await examplePhoto(BENCH_PHOTO, width);
  await sharp(data, { raw: { width: across, height, channels: 3 } })
    .jpeg({ quality: 90 })
    .toBuffer();
  return (performance.now() - begin) / 1000;
}

await decodeAndEncode();
const baseline = await decodeAndEncode();
const begin = performance.now();
const used = process.cpuUsage();
const photo = await examplePhoto(BENCH_PHOTO, width);
const { picture, report } = await render({
  photo,
  room: benchRoom(),
  pieces: benchPieces(cover),
  quality: quality === 'preview' ? 'preview' : 'final',
  seed: 1,
});
await sharp(picture, { raw: { width: photo.width, height: photo.height, channels: 3 } })
  .jpeg({ quality: 90 })
  .toBuffer();
const { user, system } = process.cpuUsage(used);
process.stdout.write(
  JSON.stringify({
    cpu: (user + system) / 1e6,
    wall: (performance.now() - begin) / 1000,
    sharp: baseline,
    // Kilobytes on Linux.
    megabytes: process.resourceUsage().maxRSS / 1000,
    furniture: report.furnitureShare,
    stages: report.stages,
  }),
);
