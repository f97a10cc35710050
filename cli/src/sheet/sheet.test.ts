import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { tempDir } from '../testing/tempDir.ts';
import { reportFacts } from './facts.ts';
import { SCRIPT } from './looks.ts';
import { type Pair, type Refused, renderSheet } from './page.ts';
import { findResults, readPairs } from './results.ts';
import { isForeign, writePage } from './write.ts';

const HEAD = { title: 'Elm <42>', lead: 'All of it.' };

async function render(
  pairs: readonly Pair[],
  refused: readonly Refused[] = [],
  script = '',
): Promise<string> {
  async function* each() {
    yield* pairs;
  }
  let page = '';
  for await (const part of renderSheet({ ...HEAD, script }, each(), refused)) page += part;
  return page;
}

const picture = (alt: string) => ({ src: 'data:image/png;base64,AAAA', alt });
const PAIR: Pair = {
  name: '"><img src=x onerror=alert(1)>',
  before: picture('a & b, before'),
  after: picture('a & b, after'),
  facts: [['Room', '<script>']],
};

describe('a sheet', () => {
  test('holds itself to what is in it: only its own style and script run, and nothing is fetched', async () => {
    const page = await render([PAIR], [], 'console.log(1);');
    const [, policy = ''] = /content-security-policy" content="([^"]*)"/.exec(page) ?? [];
    expect(policy).toContain("default-src 'none'");
    for (const [kind, tag] of [
      ['style-src', 'style'],
      ['script-src', 'script'],
    ]) {
      const [, inside = ''] = new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(page) ?? [];
      const hash = createHash('sha256').update(inside).digest('base64');
      expect(policy).toContain(`${kind} 'sha256-${hash}'`);
    }
    expect(page).not.toMatch(/(?:src|href)="(?!data:)|https?:|\bstyle="|@import|url\(/);
  });

  test('shows names and facts as text, whatever is in them', async () => {
    const page = await render([PAIR], [{ name: '<i>', code: 'x', message: 'a < b', hint: '"why"' }]);
    expect(page).toContain('<h2>&quot;&gt;&lt;img src=x onerror=alert(1)&gt;</h2>');
    expect(page).toContain('<dt>Room</dt><dd>&lt;script&gt;</dd>');
    expect(page).toContain(
      '<h3>&lt;i&gt;</h3><p>a &lt; b <code>x</code></p><p class="hint">&quot;why&quot;</p>',
    );
    expect(page).toContain('Elm &lt;42&gt;');
    expect(page.match(/<img /g)).toHaveLength(2);
  });

  test('is worked by keyboard: each pair has a named range, and what it says moves the border', async () => {
    expect(await render([PAIR])).toMatch(
      /<input type="range" min="0" max="100" value="50" aria-label="[^"]+">/,
    );
    const setProperty = vi.fn();
    const listeners = new Map<string, () => void>();
    const range = {
      value: '50',
      parentElement: { style: { setProperty } },
      addEventListener: (type: string, listener: () => void) => listeners.set(type, listener),
    };
    const add = vi.fn();
    const document = { documentElement: { classList: { add } }, querySelectorAll: () => [range] };
    new Function('document', SCRIPT)(document);
    expect(add).toHaveBeenCalledWith('js');
    range.value = '70';
    listeners.get('input')?.();
    expect(setProperty.mock.calls).toEqual([
      ['--at', '50%'],
      ['--at', '70%'],
    ]);
  });

  test('a result whose photo is not at hand stands alone', async () => {
    const page = await render([{ ...PAIR, before: undefined }]);
    expect(page).not.toContain('type="range"');
    expect(page.match(/<img /g)).toHaveLength(1);
  });
});

describe('results in a folder', () => {
  const make = (folder: string, ...names: string[]) => {
    for (const name of names) {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), name);
    }
  };

  test('are found as they were saved: by photo and variation, in the order of people', async () => {
    const dir = tempDir();
    make(
      dir,
      'hall10.finished.jpg',
      'hall2.staged.jpg',
      'hall2.staged.2.png',
      'hall2.finished.jpg',
      'up/b.c.finished.webp',
    );
    make(
      dir,
      'hall2.mask.png',
      'hall2.report.json',
      'notes.txt',
      'photo.jpg',
      'x.original.jpg',
      'index.html',
    );
    const found = await findResults(dir);
    expect(found.map(({ name, stem, files }) => [name, stem, [...files.keys()].toSorted()])).toEqual([
      ['hall2', 'hall2', ['finished', 'mask', 'report', 'staged']],
      ['hall2 (2)', 'hall2', ['staged']],
      ['hall10', 'hall10', ['finished']],
      ['up/b.c', 'up/b.c', ['finished']],
    ]);
  });

  async function shown(dir: string): Promise<(string | undefined)[][]> {
    const text = (src: string | undefined) =>
      src && Buffer.from(src.split(',')[1] ?? '', 'base64').toString();
    const pairs: (string | undefined)[][] = [];
    for await (const { before, after } of readPairs(await findResults(dir)))
      pairs.push([text(before?.src), text(after.src)]);
    return pairs;
  }

  test('furniture is compared with the finished photo, a finished one with what was sent', async () => {
    const dir = tempDir();
    make(
      dir,
      'a.staged.jpg',
      'a.finished.jpg',
      'a.before.jpg',
      'b.finished.jpg',
      'b.before.jpg',
      'c.finished.jpg',
    );
    expect(await shown(dir)).toEqual([
      ['a.finished.jpg', 'a.staged.jpg'],
      ['b.before.jpg', 'b.finished.jpg'],
      [undefined, 'c.finished.jpg'],
    ]);
  });

  test('where they are too much for a page, the small ones are shown', async () => {
    const dir = tempDir();
    make(dir, 'a.staged.jpg', 'a.finished.jpg', 'a.before.jpg', 'a.thumbnail.jpg', 'b.staged.png');
    truncateSync(join(dir, 'b.staged.png'), 48_000_000);
    expect((await shown(dir))[0]).toEqual(['a.before.jpg', 'a.thumbnail.jpg']);
  });
});

test('of a report what a person wants to know, and nothing of what is none', () => {
  const report = {
    kind: 'layout preview',
    made: { roomType: 'living_room', style: 'modern', score: 0.9, seed: 3, pieces: ['floor_lamp', 'sofa'] },
    label: { text: 'Virtually staged' },
    guarantee: { holds: true },
  };
  expect(reportFacts(report)).toEqual([
    ['What it is', 'layout preview'],
    ['Room', 'living room'],
    ['Style', 'modern'],
    ['Pieces', 'floor lamp, sofa'],
    ['Score', '0.9'],
    ['Seed', '3'],
    ['Label', 'Virtually staged'],
    ['Check', 'nothing else of the photo was changed'],
  ]);
  for (const other of [null, 3, 'x', [], { made: null, guarantee: { holds: false } }])
    expect(reportFacts(other)).toEqual([]);
});

test('a page is written whole or not at all, and known again', async () => {
  const file = join(tempDir(), 'new', 'index.html');
  expect(await isForeign(file)).toBe(false);
  async function* broken() {
    yield 'half';
    throw new Error('gone');
  }
  await expect(writePage(file, broken())).rejects.toThrow('gone');
  expect(await isForeign(file)).toBe(false);
  async function* whole() {
    yield await render([]);
  }
  await writePage(file, whole());
  expect(readFileSync(file, 'utf8')).toContain('</html>');
  expect(await isForeign(file)).toBe(false);
  writeFileSync(file, '<html>mine</html>');
  expect(await isForeign(file)).toBe(true);
});
