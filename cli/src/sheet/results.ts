import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { reportFacts } from './facts.ts';
import type { Fact, Pair, Picture } from './page.ts';

/** What was saved of one image, by the name of the output. */
export interface Result {
  /** Path below the folder, without output, variation and ending. */
  readonly stem: string;
  /** The same with the variation, for people. */
  readonly name: string;
  readonly files: ReadonlyMap<string, string>;
}

const SHOWN: Readonly<Record<string, string>> = {
  jpg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  avif: 'image/avif',
};
/** `kitchen.finished.jpg`, `kitchen.staged.2.png`, `kitchen.report.json`. */
const FILE = /^(?<stem>.+)\.(?<output>[a-z][\w-]*)(?:\.(?<variation>[2-9]|[1-9]\d))?\.(?<ending>[a-z]+)$/;
/** What can lie on a sheet, the best first. */
const AFTER = ['staged', 'finished'] as const;
/** Of all pictures of a sheet, bytes: above it, the small ones are taken. */
const FULL_MOST = 48_000_000;

/** The results in a folder and below, as `upload --out` and `images download` save them. */
export async function findResults(folder: string): Promise<Result[]> {
  const found = new Map<string, { stem: string; name: string; files: Map<string, string> }>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const { stem, output, variation, ending } = FILE.exec(entry.name)?.groups ?? {};
    if (!entry.isFile() || stem === undefined || output === undefined) continue;
    if (ending !== 'json' && SHOWN[ending ?? ''] === undefined) continue;
    const path = join(entry.parentPath, entry.name);
    const place = join(entry.parentPath, stem).slice(join(folder, '/').length).replaceAll('\\', '/');
    const name = variation === undefined ? place : `${place} (${variation})`;
    const result = found.get(name) ?? { stem: place, name, files: new Map<string, string>() };
    result.files.set(output, path);
    found.set(name, result);
  }
  const order = new Intl.Collator('en', { numeric: true });
  return [...found.values()]
    .filter(({ files }) => AFTER.some((output) => files.has(output)))
    .toSorted((a, b) => order.compare(a.name, b.name));
}

/** Reads one result after the other, whole where all of them together are not too much for a page. */
export async function* readPairs(
  results: readonly Result[],
  factsOf: (result: Result) => readonly Fact[] = () => [],
): AsyncGenerator<Pair> {
  const whole = (await totalOf(results)) <= FULL_MOST;
  for (const result of results) {
    const { after, before } = chosen(result, whole);
    yield {
      name: result.name,
      before: before === undefined ? undefined : await embed(before, `${result.name}, before`),
      after: await embed(after, `${result.name}, after`),
      facts: [...factsOf(result), ...(await reportOf(result)), ...finishedFacts(result)],
    };
  }
}

async function totalOf(results: readonly Result[]): Promise<number> {
  let total = 0;
  for (const result of results) {
    const { after, before } = chosen(result, true);
    for (const file of [after, before]) if (file !== undefined) total += (await stat(file)).size;
  }
  return total;
}

/** Furniture is compared with the same picture without it, a corrected photo with the one that was sent. */
function chosen({ files }: Result, whole: boolean): { after: string; before: string | undefined } {
  const [kind = 'finished'] = AFTER.filter((output) => files.has(output));
  const small = whole ? undefined : files.get('thumbnail');
  const after = small ?? files.get(kind) ?? '';
  const same = kind === 'staged' && whole ? files.get('finished') : undefined;
  return { after, before: same ?? files.get('before') ?? files.get('original') };
}

async function embed(path: string, alt: string): Promise<Picture> {
  const ending = /[a-z]+$/.exec(path)?.[0] ?? '';
  const parts: Buffer[] = [];
  for await (const part of createReadStream(path)) parts.push(part);
  return {
    src: `data:${SHOWN[ending] ?? 'image/jpeg'};base64,${Buffer.concat(parts).toString('base64')}`,
    alt,
  };
}

function finishedFacts({ files }: Result): Fact[] {
  return files.has('staged') ? [] : [['What it is', 'the photo itself, corrected; no furniture was added']];
}

async function reportOf({ files }: Result): Promise<Fact[]> {
  const path = files.get('report');
  if (path === undefined) return [];
  try {
    return reportFacts(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    // A file of that name that is not ours tells nothing.
    return [];
  }
}
