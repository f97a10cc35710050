import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** What somebody is asked who sees only the picture. */
export const QUESTIONS = [
  { id: 'floor', text: 'Does everything stand on the floor?' },
  { id: 'scale', text: 'Is the scale right beside doors and windows?' },
  { id: 'walls', text: 'Is nothing in or through a wall, door or fixture?' },
  { id: 'edges', text: 'Is nothing cut at a wrong edge?' },
  { id: 'light', text: 'Do light and shadow agree with the room?' },
  { id: 'client', text: 'Would you show it to a client as a layout preview?' },
] as const;

const Answers = z.record(z.enum(QUESTIONS.map(({ id }) => id)), z.boolean().nullable());
export type Answers = z.output<typeof Answers>;

const Entry = z.object({
  photo: z.string(),
  style: z.string(),
  /** Of the photo's bytes and all that was asked for. */
  asked: z.string(),
  outcome: z.enum(['accepted', 'refused']),
  /** Path below the folder; null when it was refused. */
  picture: z.string().nullable(),
  /** Of the picture: answers belong to it and to no other. */
  sha256: z.string().nullable(),
  roomType: z.string().nullable(),
  pieces: z.array(z.string()),
  score: z.number().nullable(),
  code: z.string().nullable(),
  message: z.string().nullable(),
  hint: z.string().nullable(),
  seconds: z.number(),
  answers: Answers,
  note: z.string().default(''),
});
export type Entry = z.output<typeof Entry>;

const Book = z.object({
  version: z.literal(1),
  questions: z.array(z.object({ id: z.string(), text: z.string() })),
  entries: z.array(Entry),
});
export type Book = z.output<typeof Book>;

export const UNANSWERED: Answers = {
  floor: null,
  scale: null,
  walls: null,
  edges: null,
  light: null,
  client: null,
};

export function keyOf({ photo, style }: Pick<Entry, 'photo' | 'style'>): string {
  return `${photo}\n${style}`;
}

/** What an earlier run has made and a judge has answered. @throws when the file is there and is no gallery */
export function readBook(folder: string): Map<string, Entry> {
  let text: string;
  try {
    text = readFileSync(join(folder, 'gallery.json'), 'utf8');
  } catch {
    return new Map();
  }
  return new Map(Book.parse(JSON.parse(text)).entries.map((entry) => [keyOf(entry), entry]));
}

/** Whole or not at all: a run may be interrupted at any time. */
export function writeBook(folder: string, entries: readonly Entry[]): void {
  const book: Book = { version: 1, questions: [...QUESTIONS], entries: [...entries] };
  const file = join(folder, 'gallery.json');
  writeFileSync(`${file}.part`, `${JSON.stringify(book, undefined, 2)}\n`);
  renameSync(`${file}.part`, file);
}

/** Answers of an earlier picture count for the new one only when it is the same. */
export function withAnswers(entry: Entry, before: Entry | undefined): Entry {
  if (!before || before.sha256 === null || before.sha256 !== entry.sha256) return entry;
  return { ...entry, answers: before.answers, note: before.note };
}

export interface Tally {
  readonly accepted: number;
  readonly refused: ReadonlyMap<string, number>;
  /** Pictures with an answer to every question. */
  readonly judged: number;
  /** Of these, with at least five times yes. */
  readonly good: number;
}

const GOOD = 5;

export function tallyOf(entries: readonly Entry[]): Tally {
  const refused = new Map<string, number>();
  let accepted = 0;
  let judged = 0;
  let good = 0;
  for (const { outcome, code, answers } of entries) {
    if (outcome === 'refused') {
      refused.set(code ?? '', (refused.get(code ?? '') ?? 0) + 1);
      continue;
    }
    accepted += 1;
    const given = QUESTIONS.map(({ id }) => answers[id]);
    if (given.includes(null)) continue;
    judged += 1;
    if (given.filter(Boolean).length >= GOOD) good += 1;
  }
  return { accepted, refused, judged, good };
}
