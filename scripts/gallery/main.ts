import { mkdirSync, statSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { discover } from '../../sdk/src/files/discover.ts';
import { LAYOUT } from '../../server/src/core/engines/layout.ts';
import { createSandboxPool } from '../../worker/src/sandbox/pool.ts';
import { type Entry, keyOf, readBook, withAnswers, writeBook } from './book.ts';
import { askedOf, renderEntry, type Wish } from './render.ts';
import { summaryOf, writeSheet } from './sheet.ts';

const USAGE = `Usage: npm run gallery -- FOLDER [options]

Renders all photos of a folder as layout previews in several styles, one after the other, into one sheet to be
judged: OUT/index.html and OUT/gallery.json. What is there already is not made again, and answers stay with their
picture.

  --styles a,b       of ${LAYOUT.styles.join(', ')} (default: all)
  --room TYPE        ${LAYOUT.rooms.join(', ')} (default: what suits the floor)
  --quality Q        preview or final (default: final)
  --seed N           (default: 0)
  --out DIR          (default: gallery)
  --fresh            make everything again, for a changed engine`;

class UsageError extends Error {}

interface Settings {
  readonly folder: string;
  readonly out: string;
  readonly styles: readonly string[];
  readonly roomType: string | null;
  readonly quality: 'preview' | 'final';
  readonly seed: number;
  readonly fresh: boolean;
}

function readSettings(args: readonly string[]): Settings | undefined {
  const { values, positionals } = parse(args);
  if (values.help) return undefined;
  const [given, ...more] = positionals;
  if (given === undefined || more.length > 0) throw new UsageError('Give one folder of photos.');
  // npm runs scripts in the clone, wherever it was called.
  const from = process.env['INIT_CWD'] ?? '.';
  const folder = resolve(from, given);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new UsageError(`There is no folder ${folder}.`);
  const quality = values.quality;
  if (quality !== 'preview' && quality !== 'final') throw new UsageError('--quality is preview or final.');
  const seed = Number(values.seed);
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32)
    throw new UsageError('--seed is a whole number.');
  return {
    folder,
    out: resolve(from, values.out),
    styles: (values.styles?.split(',') ?? LAYOUT.styles).map((style) => known(LAYOUT.styles, style, 'style')),
    roomType: values.room === undefined ? null : known(LAYOUT.rooms, values.room, 'room'),
    quality,
    seed,
    fresh: values.fresh,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        styles: { type: 'string' },
        room: { type: 'string' },
        quality: { type: 'string', default: 'final' },
        seed: { type: 'string', default: '0' },
        out: { type: 'string', default: 'gallery' },
        fresh: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function known(offered: readonly string[], word: string, what: string): string {
  if (offered.includes(word)) return word;
  throw new UsageError(`There is no ${what} ${word}. There are: ${offered.join(', ')}.`);
}

function say(text = ''): void {
  process.stdout.write(`${text}\n`);
}

async function gallery(settings: Settings, signal: AbortSignal): Promise<void> {
  const { folder, out, styles, roomType, seed, quality, fresh } = settings;
  mkdirSync(out, { recursive: true });
  const { photos } = await discover([folder], out);
  const wishes = photos.flatMap(({ name, path }) =>
    path === undefined
      ? []
      : styles.map((style): Wish => ({ photo: name, path, style, roomType, seed, quality })),
  );
  const before = readBook(out);
  const entries: Entry[] = [];
  // One at a time, in a process of its own: memory stays that of one picture, and a crash costs one.
  const pool = createSandboxPool({ size: 1, memoryMb: LAYOUT.memoryMb });
  try {
    for (const [n, wish] of wishes.entries()) {
      const old = before.get(keyOf(wish));
      const made =
        old && !fresh && old.asked === askedOf(wish) ? old : await renderEntry(wish, out, pool, signal);
      const entry = withAnswers(made, old);
      entries.push(entry);
      // What comes later in the line is still what it was.
      writeBook(out, [...entries, ...rest(wishes.slice(n + 1), before)]);
      const how = made === old ? 'there' : `${entry.seconds} s`;
      say(`${n + 1}/${wishes.length}  ${entry.outcome}  ${wish.photo} · ${wish.style}  ${entry.code ?? how}`);
    }
  } finally {
    await pool.close();
  }
  const file = await writeSheet(out, entries);
  say(`\n${photos.length} photos × ${styles.length} styles: ${summaryOf(entries)}`);
  say(`${relative(process.cwd(), file)} and gallery.json beside it`);
}

function rest(wishes: readonly Wish[], before: ReadonlyMap<string, Entry>): Entry[] {
  return wishes.flatMap((wish) => before.get(keyOf(wish)) ?? []);
}

async function main(): Promise<number> {
  const settings = readSettings(process.argv.slice(2));
  if (!settings) {
    say(USAGE);
    return 0;
  }
  const stopping = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => {
      process.stderr.write('Stopping. The same command goes on from here.\n');
      stopping.abort();
    });
  await gallery(settings, stopping.signal);
  return 0;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    if (error instanceof UsageError) {
      process.stderr.write(`${error.message}\n\n${USAGE}\n`);
      process.exit(2);
    }
    if (error instanceof Error && error.name === 'AbortError') process.exit(130);
    process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
    process.exit(1);
  },
);
