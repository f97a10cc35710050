import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { escapeHtml } from '../../cli/src/sheet/html.ts';
import { type Pair, type Picture, type Refused, renderSheet } from '../../cli/src/sheet/page.ts';
import { writePage } from '../../cli/src/sheet/write.ts';
import { decode } from '../../worker/src/engines/finish/decode.ts';
import { encode } from '../../worker/src/engines/finish/encode.ts';
import { type Entry, keyOf, QUESTIONS, tallyOf } from './book.ts';

/** Longest side of a picture on the sheet, pixels. */
const EDGE = 1280;

/** The pictures with their questions, and what was refused with why. */
export async function writeSheet(out: string, entries: readonly Entry[]): Promise<string> {
  const accepted = entries.filter(({ outcome }) => outcome === 'accepted');
  const refused = entries.filter(({ outcome }) => outcome === 'refused');
  const file = join(out, 'index.html');
  const head = {
    title: 'Layout previews',
    lead: `${summaryOf(entries)} Answer the questions below each picture; the button at the end saves gallery.json.`,
    // Who judges sees the picture, and the photo only when they want to.
    start: 0,
    script: SCRIPT,
  };
  await writePage(file, withBook(renderSheet(head, pairs(out, accepted), refused.map(asRefused)), entries));
  return file;
}

export function summaryOf(entries: readonly Entry[]): string {
  const { accepted, refused, judged, good } = tallyOf(entries);
  const why = [...refused].toSorted(([, a], [, b]) => b - a).map(([code, count]) => `${code} ${count}`);
  const share = judged === 0 ? '' : ` Judged: ${judged}, with at least five of six yes: ${good}.`;
  return `${accepted} accepted, ${entries.length - accepted} refused${why.length > 0 ? ` (${why.join(', ')})` : ''}.${share}`;
}

async function* pairs(out: string, entries: readonly Entry[]): AsyncGenerator<Pair> {
  for (const entry of entries) {
    if (entry.picture === null) continue;
    const name = `${entry.photo} · ${entry.style}`;
    const staged = join(out, entry.picture);
    const finished = join(dirname(staged), 'finished.jpg');
    yield {
      name,
      before: existsSync(finished) ? await embed(finished, `${name}, before`) : undefined,
      after: await embed(staged, `${name}, after`),
      facts: [
        ['Room', (entry.roomType ?? '').replaceAll('_', ' ')],
        ['Score', String(entry.score)],
        ['Made in', `${entry.seconds} s`],
      ],
      more: questions(entry),
    };
  }
}

async function embed(file: string, alt: string): Promise<Picture> {
  const { pixels, profile } = await decode(file, EDGE);
  const { bytes } = await encode(pixels, {
    format: 'jpeg',
    quality: 85,
    longEdge: EDGE,
    profile,
    exif: null,
  });
  return { src: `data:image/jpeg;base64,${bytes.toString('base64')}`, alt };
}

function questions(entry: Entry): string {
  const key = escapeHtml(keyOf(entry));
  const rows = QUESTIONS.map(({ id, text }) => {
    const choice = (value: boolean, word: string) =>
      `<label><input type="radio" name="${key} ${id}" data-question="${id}" value="${value}"${entry.answers[id] === value ? ' checked' : ''}> ${word}</label>`;
    return `<tr><th scope="row">${escapeHtml(text)}</th><td>${choice(true, 'yes')} ${choice(false, 'no')}</td></tr>`;
  });
  return `<form data-key="${key}"><table>${rows.join('')}</table>
<label>Note <input name="note" value="${escapeHtml(entry.note)}" maxlength="300"></label></form>\n`;
}

function asRefused({ photo, style, code, message, hint }: Entry): Refused {
  return { name: `${photo} · ${style}`, code: code ?? '', message: message ?? '', hint };
}

/** The machine-readable form goes with the page, so that it can be saved from there. */
async function* withBook(parts: AsyncIterable<string>, entries: readonly Entry[]): AsyncGenerator<string> {
  const book = JSON.stringify({ version: 1, questions: QUESTIONS, entries }).replaceAll('<', '\\u003c');
  for await (const part of parts)
    yield part.replace(
      '<script>',
      () =>
        `<p><button type="button" id="save">Save gallery.json</button></p>\n<script type="application/json" id="book">${book}</script>\n<script>`,
    );
}

const SCRIPT = `
const book = JSON.parse(document.getElementById('book').textContent);
document.getElementById('save').addEventListener('click', () => {
  for (const form of document.querySelectorAll('form')) {
    const entry = book.entries.find(({ photo, style }) => photo + '\\n' + style === form.dataset.key);
    for (const input of form.querySelectorAll('input:checked'))
      entry.answers[input.dataset.question] = input.value === 'true';
    entry.note = form.elements.note.value;
  }
  const link = document.createElement('a');
  link.download = 'gallery.json';
  link.href = URL.createObjectURL(new Blob([JSON.stringify(book, undefined, 2) + '\\n'], { type: 'application/json' }));
  link.click();
});
`;
