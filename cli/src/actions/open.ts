import { existsSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Image, Stager } from '@stager/sdk';
import type { Context } from '../context.ts';
import { fileName, withStems } from '../download/names.ts';
import { CliError, usageError } from '../errors.ts';
import { EXIT } from '../exit.ts';
import { clean } from '../io/clean.ts';
import type { Rendered } from '../io/io.ts';
import { openPage } from '../io/openPage.ts';
import { count } from '../io/text.ts';
import { isId, requireImageIds } from '../parse.ts';
import { words } from '../sheet/facts.ts';
import { type Fact, type Refused, renderSheet } from '../sheet/page.ts';
import { findResults, type Result, readPairs } from '../sheet/results.ts';
import { isForeign, writePage } from '../sheet/write.ts';

interface OpenOptions {
  readonly out?: string;
  /** False with `--no-browser`. */
  readonly browser?: boolean;
}

interface Found {
  readonly results: readonly Result[];
  readonly refused: readonly Refused[];
  readonly factsOf?: (result: Result) => readonly Fact[];
}

/** Writes a contact sheet of a folder of results, or of images, and shows it. */
export async function openSheet(
  context: Context,
  targets: readonly string[],
  { out, browser = true }: OpenOptions,
): Promise<Rendered> {
  const ids = targets.filter((target) => isId('img', target));
  if (ids.length > 0) {
    if (ids.length < targets.length) throw usageError('Give a folder, or ids of images, not both.');
    return openImages(context, requireImageIds(ids), resolve(out ?? 'stager-images.html'), browser);
  }
  if (targets.length > 1) throw usageError('Give one folder, or ids of images.');
  const folder = resolve(targets[0] ?? (existsSync('staged') ? 'staged' : '.'));
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw usageError(
      `There is no folder ${clean(targets[0] ?? folder)}.`,
      'Give a folder of results, as `stager upload --out` makes it, or ids of images.',
    );
  const results = await findResults(folder);
  if (results.length === 0) throw nothingIn(folder);
  return show(context, { results, refused: [] }, resolve(out ?? join(folder, 'index.html')), browser);
}

function nothingIn(folder: string): CliError {
  return new CliError(`There are no results in ${clean(folder)}.`, {
    code: 'no_results',
    exit: EXIT.usage,
    hint: 'Results are called like kitchen.staged.jpg or kitchen.finished.jpg.',
    next: [{ command: 'stager upload ./photos --out ./staged', when: 'to make some' }],
  });
}

/** What the sheet shows of an image. */
const OUTPUTS = ['staged', 'finished', 'before', 'thumbnail', 'report'];

async function openImages(
  context: Context,
  ids: readonly string[],
  file: string,
  browser: boolean,
): Promise<Rendered> {
  const client = await context.stager();
  const images: Image[] = [];
  for (const id of ids) images.push(await client.images.get(id, { signal: context.signal }));
  const unfinished = images.filter(({ state }) => state === 'queued' || state === 'processing');
  if (unfinished.length === images.length)
    throw new CliError('There is nothing to show yet: nothing of it is ready.', {
      code: 'not_ready',
      exit: EXIT.pending,
      retryable: true,
      next: [{ command: 'stager tail --exit-status', when: 'to wait for it' }],
    });
  const folder = await mkdtemp(join(tmpdir(), 'stager-open-'));
  try {
    const shown = new Map<string, Image>();
    const results: Result[] = [];
    for (const { image, stem } of withStems(images.filter(({ state }) => state === 'ready'))) {
      const name = image.variation > 0 ? `${stem} (${image.variation + 1})` : stem;
      results.push({ stem, name, files: await fetchOutputs(context, client, image, folder, stem) });
      shown.set(name, image);
    }
    const factsOf = ({ name }: Result) => imageFacts(shown.get(name));
    return await show(context, { results, refused: images.flatMap(refusedOf), factsOf }, file, browser);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function fetchOutputs(
  { signal }: Context,
  client: Stager,
  image: Image,
  folder: string,
  stem: string,
): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const { name, contentType } of image.outputs.filter((output) => OUTPUTS.includes(output.name))) {
    const path = join(folder, image.id, fileName(stem, name, contentType, image.variation));
    await client.images.downloadTo(image.id, path, { output: name, signal });
    files.set(name, path);
  }
  return files;
}

function imageFacts(image: Image | undefined): Fact[] {
  if (!image) return [];
  // A report tells room and style as they were chosen.
  const chosen = image.outputs.some(({ name }) => name === 'report')
    ? []
    : [['Room', image.roomType] as const, ['Style', image.style] as const];
  return [['Image', image.id] as const, ['Engine', image.engine] as const, ...chosen].flatMap(
    ([name, value]): Fact[] => (value === null ? [] : [[name, name === 'Image' ? value : words(value)]]),
  );
}

function refusedOf({ id, name, error }: Image): Refused[] {
  if (!error) return [];
  const { code, message, hint } = error;
  return [{ name: name ?? id, code, message, hint }];
}

async function show(
  context: Context,
  { results, refused, factsOf }: Found,
  file: string,
  browser: boolean,
): Promise<Rendered> {
  if (await isForeign(file))
    throw new CliError(`${clean(file)} is a page that stager did not write; it was left alone.`, {
      code: 'out_unusable',
      exit: EXIT.usage,
      hint: 'Name another file with --out.',
    });
  const lead = `${count(results.length, 'result')}${refused.length > 0 ? `, ${refused.length} refused` : ''}. Drag over a picture, or use the arrow keys, to compare.`;
  await writePage(
    file,
    renderSheet({ title: 'Before and after', lead }, readPairs(results, factsOf), refused),
  );
  const opened = browser && openPage(context, pathToFileURL(file).href);
  return {
    json: () => ({ file, pairs: results.length, refused: refused.length, opened }),
    text: ({ style }) =>
      `${clean(file)}  ${style.dim(opened ? 'opened in the browser' : 'open it in a browser')}`,
  };
}
