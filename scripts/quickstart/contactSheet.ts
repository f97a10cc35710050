import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Refused, renderSheet } from '../../cli/src/sheet/page.ts';
import { findResults, readPairs } from '../../cli/src/sheet/results.ts';
import { writePage } from '../../cli/src/sheet/write.ts';
import { discover } from '../../sdk/src/files/discover.ts';
import { outputStems } from '../../sdk/src/stage/names.ts';

/** Writes `index.html` beside the results, as `stager open` does, with those of these photos: others may lie there, too. */
export async function writeContactSheet(
  photos: string,
  results: string,
  refused: readonly Refused[] = [],
): Promise<{ file: string; pairs: number }> {
  const { photos: found } = await discover([photos], results);
  const stems = new Set(outputStems(found.map(({ name }) => name)));
  mkdirSync(results, { recursive: true });
  const own = (await findResults(results)).filter(({ stem }) => stems.has(stem));
  const file = join(results, 'index.html');
  const head = {
    title: 'Before and after',
    lead: `${own.length} photos. Drag over a picture, or use the arrow keys, to compare.`,
  };
  await writePage(file, renderSheet(head, readPairs(own), refused));
  return { file, pairs: own.length };
}
