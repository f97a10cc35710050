/**
 * Uploads a folder of photos, has them finished, waits, and saves the results beside a manifest: what a brokerage's nightly script does.
 *
 *   STAGER_API_URL=… STAGER_CLIENT_ID=… STAGER_CLIENT_SECRET=… node examples/stage-listing.ts ./listing-42 ./staged
 */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Stager, StagerError } from '@stager/sdk';

const [folder, out = './staged'] = process.argv.slice(2);
if (!folder) {
  console.error('Usage: node stage-listing.ts FOLDER [OUT]');
  process.exit(2);
}

// Address and credentials come from STAGER_API_URL and STAGER_CLIENT_ID / STAGER_CLIENT_SECRET (or STAGER_TOKEN).
const stager = new Stager();
const photos = (await readdir(folder))
  .filter((name) => /\.(jpe?g|png|webp|avif|hei[cf])$/i.test(name))
  .sort();
await mkdir(out, { recursive: true });

const manifest: { photo: string; result: string; image?: string }[] = [];
try {
  // Light and colour only. Without `engine`, empty rooms are furnished and photos of others are refused.
  const sources = photos.map((name) => join(folder, name));
  for await (const event of stager.stage(sources, { engine: 'finish', wait: true, out })) {
    if (event.type === 'ready') {
      console.log(`${event.file} is ready`);
      manifest.push({ photo: event.file, result: 'ready', image: event.imageId });
    }
    if (event.type === 'rejected' || event.type === 'failed') {
      console.error(`${event.file}: ${event.error.message}`);
      manifest.push({ photo: event.file, result: event.error.code });
    }
  }
} catch (error) {
  if (!StagerError.isInstance(error)) throw error;
  console.error(`${error.message} (request ${error.requestId ?? 'none'})`);
  process.exitCode = 1;
}

await writeFile(join(out, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
if (manifest.some((entry) => entry.result !== 'ready')) process.exitCode = 1;
