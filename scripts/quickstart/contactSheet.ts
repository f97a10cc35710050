import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { discover } from '../../sdk/src/files/discover.ts';
import { outputStems } from '../../sdk/src/stage/names.ts';
import { decode } from '../../worker/src/engines/finish/decode.ts';
import { encode } from '../../worker/src/engines/finish/encode.ts';

/** Longest side of a picture on the sheet, in pixels: sharp on a screen, small enough to stand in the page. */
const THUMBNAIL = 900;

interface Pair {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

/** Writes `index.html` beside the results: each photo before and after, in one file without outside references. */
export async function writeContactSheet(
  photos: string,
  results: string,
): Promise<{ file: string; pairs: number }> {
  const pairs: Pair[] = [];
  for (const { before, after } of await matchPairs(photos, results)) {
    pairs.push({ name: basename(before), before: await embed(before), after: await embed(after) });
  }
  const file = join(results, 'index.html');
  mkdirSync(results, { recursive: true });
  writeFileSync(file, page(pairs));
  return { file, pairs: pairs.length };
}

/** Results are found by the rule that names them, so that no photo is left out for its name. */
async function matchPairs(photos: string, results: string): Promise<{ before: string; after: string }[]> {
  const found = (await discover([photos], results)).photos;
  const stems = outputStems(found.map(({ name }) => name));
  return found.flatMap(({ path }, n) => {
    const stem = stems[n] ?? '';
    const folder = join(results, dirname(stem));
    const after = filesIn(folder).find((file) => isResultOf(basename(stem), file));
    return path !== undefined && after ? [{ before: path, after: join(folder, after) }] : [];
  });
}

/** None where nothing was saved: all photos of that folder were refused. */
function filesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function isResultOf(stem: string, file: string): boolean {
  return file.startsWith(`${stem}.`) && /^(?:finished|staged)\.[a-z]+$/.test(file.slice(stem.length + 1));
}

/** As the worker reads photos: those that no browser shows, and those with slight damage, are among them. */
async function embed(file: string): Promise<string> {
  const { pixels, profile } = await decode(file, THUMBNAIL);
  const { bytes } = await encode(pixels, {
    format: 'jpeg',
    quality: 80,
    longEdge: THUMBNAIL,
    profile,
    exif: null,
  });
  return `data:image/jpeg;base64,${bytes.toString('base64')}`;
}

function page(pairs: readonly Pair[]): string {
  const rows = pairs
    .map(
      ({ name, before, after }) => `<section>
<h2>${escapeHtml(name)}</h2>
<div><figure><img src="${before}" alt="${escapeHtml(name)} before" loading="lazy"><figcaption>before</figcaption></figure>
<figure><img src="${after}" alt="${escapeHtml(name)} after" loading="lazy"><figcaption>finished</figcaption></figure></div>
</section>`,
    )
    .join('\n');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>stager: before and after</title>
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 1400px; padding: 1.5rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1rem; margin: 2rem 0 .5rem; overflow-wrap: anywhere; }
section div { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: .75rem; }
figure { margin: 0; } img { width: 100%; height: auto; border-radius: 6px; display: block; }
figcaption { font-size: .85rem; opacity: .75; padding-top: .25rem; }
</style></head><body>
<h1>${pairs.length} photos, before and after</h1>
<p>Finished means corrected: upright, white balance, exposure, listing size. No furniture was added.</p>
${rows}
</body></html>
`;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
