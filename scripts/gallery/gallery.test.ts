import { cpSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { LAYOUT } from '../../server/src/core/engines/layout.ts';
import { makeTempDir } from '../../tests/support/tempDir.ts';
import { createSandboxPool, type SandboxPool } from '../../worker/src/sandbox/pool.ts';
import {
  type Entry,
  keyOf,
  QUESTIONS,
  readBook,
  tallyOf,
  UNANSWERED,
  withAnswers,
  writeBook,
} from './book.ts';
import { askedOf, renderEntry, type Wish } from './render.ts';
import { writeSheet } from './sheet.ts';

const PHOTO = resolve(import.meta.dirname, '../../examples/photos/02-bedroom.jpg');

const entry = (wish: Partial<Entry> = {}): Entry => ({
  photo: 'a.jpg',
  style: 'modern',
  asked: '1',
  outcome: 'accepted',
  picture: 'pictures/a/staged.jpg',
  sha256: 's',
  roomType: 'bedroom',
  pieces: ['bed'],
  score: 0.9,
  code: null,
  message: null,
  hint: null,
  seconds: 1,
  answers: { ...UNANSWERED },
  note: '',
  ...wish,
});
const answers = (no: number) =>
  Object.fromEntries(QUESTIONS.map(({ id }, n) => [id, n >= no])) as Entry['answers'];

let out: string;
beforeEach(() => {
  out = makeTempDir('stager-gallery');
});
afterEach(() => rmSync(out, { recursive: true, force: true }));

describe('the book of a gallery', () => {
  test('keeps what was answered, as long as it is the same picture', () => {
    writeBook(out, [entry({ answers: answers(0), note: 'good' })]);
    const before = readBook(out).get(keyOf(entry()));
    expect(withAnswers(entry({ seconds: 9 }), before)).toEqual(
      entry({ seconds: 9, answers: answers(0), note: 'good' }),
    );
    expect(withAnswers(entry({ sha256: 'other' }), before).answers).toEqual(UNANSWERED);
    const refused = entry({ outcome: 'refused', sha256: null });
    expect(withAnswers(refused, refused).answers).toEqual(UNANSWERED);
  });

  test('that is none, or is not there', () => {
    expect(readBook(out).size).toBe(0);
    writeFileSync(join(out, 'gallery.json'), '{"version":2}');
    expect(() => readBook(out)).toThrow('version');
  });

  test('counts as judged what has all answers, and as good what has five times yes', () => {
    const entries = [
      entry({ answers: answers(0) }),
      entry({ answers: answers(1) }),
      entry({ answers: answers(2) }),
      entry({ answers: { ...answers(0), client: null } }),
      entry({ outcome: 'refused', code: 'not_a_room' }),
      entry({ outcome: 'refused', code: 'not_a_room' }),
    ];
    const { refused, ...counts } = tallyOf(entries);
    expect(counts).toEqual({ accepted: 4, judged: 3, good: 2 });
    expect([...refused]).toEqual([['not_a_room', 2]]);
  });
});

describe('a picture of a gallery', () => {
  let pool: SandboxPool;
  beforeAll(() => {
    pool = createSandboxPool({ size: 1, memoryMb: LAYOUT.memoryMb });
  });
  afterAll(() => pool.close());

  const wish: Wish = {
    photo: 'up/02-bedroom.jpg',
    path: PHOTO,
    style: 'modern',
    roomType: 'bedroom',
    seed: 0,
    quality: 'preview',
  };

  test('is rendered, shown with its questions, and told to a program', async () => {
    const { signal } = new AbortController();
    const made = await renderEntry(wish, out, pool, signal);
    expect(made).toMatchObject({
      outcome: 'accepted',
      roomType: 'bedroom',
      code: null,
      asked: askedOf(wish),
    });
    expect(made.pieces).toContain('bed');
    expect(statSync(join(out, made.picture ?? '')).size).toBeGreaterThan(10_000);

    const text = join(out, 'notes.jpg');
    writeFileSync(text, 'no photo');
    const refused = await renderEntry({ ...wish, photo: 'notes.jpg', path: text }, out, pool, signal);
    expect(refused).toMatchObject({ outcome: 'refused', code: 'unsupported_format', picture: null });

    const page = readFileSync(await writeSheet(out, [made, refused]), 'utf8');
    expect(page).toContain('1 accepted, 1 refused (unsupported_format 1).');
    expect(page.match(/type="radio"/g)).toHaveLength(2 * QUESTIONS.length);
    expect(page).toContain('<h3>notes.jpg · modern</h3>');
    const [, book = ''] = /id="book">(.*)<\/script>/.exec(page) ?? [];
    expect(JSON.parse(book).entries).toEqual([made, refused]);
  });

  test('is asked for anew when the photo or the wish is another one', () => {
    const copy = join(out, 'copy.jpg');
    mkdirSync(out, { recursive: true });
    cpSync(PHOTO, copy);
    expect(askedOf({ ...wish, path: copy })).toBe(askedOf(wish));
    writeFileSync(copy, 'x', { flag: 'a' });
    const others = [
      { path: copy },
      { style: 'industrial' },
      { seed: 1 },
      { quality: 'final' as const },
      { roomType: null },
    ];
    for (const other of others) expect(askedOf({ ...wish, ...other })).not.toBe(askedOf(wish));
  });
});
