import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { place } from './draft.ts';
import { formatLayout, type Layout, parseLayout, settle } from './layout.ts';
import { exampleRooms } from './rooms.fixture.ts';
import { solveLayout } from './solve.ts';

const [{ room } = { room: undefined }] = exampleRooms();
if (!room) throw new Error('there are no example rooms');

function furnished(): Layout {
  if (!room) throw new Error('there are no example rooms');
  const wish = { roomType: 'living_room', style: 'modern', seed: 3, variation: 0 } as const;
  const solution = solveLayout(room, wish);
  if (solution.kind !== 'furnished') throw new Error(solution.why);
  return { ...wish, room, pieces: solution.pieces };
}

function read(text: string): Layout {
  const parsed = parseLayout(text);
  if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
  return parsed.layout;
}

describe('layout.json', () => {
  test('what is written and read is the layout that was settled, to the last bit', () => {
    const layout = furnished();
    const text = formatLayout(layout);
    expect(read(text)).toEqual(settle(layout));
    expect(formatLayout(read(text))).toBe(text);
    expect(settle(settle(layout))).toEqual(settle(layout));
  });

  test('a solved layout loses nothing by being written', () => {
    const layout = furnished();
    const kept = read(formatLayout(layout)).pieces;
    for (const [n, { at, turn, size }] of layout.pieces.entries()) {
      expect(kept[n]?.at).toEqual(at);
      expect(kept[n]?.size).toEqual(size);
      expect(kept[n]?.turn).toBeCloseTo(turn, 12);
    }
  });

  test('any numbers survive', () => {
    const layout = furnished();
    const metres = fc.double({ min: -20, max: 20, noNaN: true });
    fc.assert(
      fc.property(metres, metres, fc.double({ min: -6, max: 6, noNaN: true }), (x, z, turn) => {
        const text = formatLayout({
          ...layout,
          pieces: [{ ...place('sofa', [0, 0], 0, [2, 0.9, 0.8]), at: [x, z], turn }],
        });
        expect(formatLayout(read(text))).toBe(text);
      }),
    );
  });

  test('the order in which a program lists the members changes no byte', () => {
    const layout = furnished();
    const shuffled = Object.fromEntries(Object.entries(layout).toReversed()) as unknown as Layout;
    expect(formatLayout(shuffled)).toBe(formatLayout(layout));
  });

  test('reads like something that one can edit', () => {
    const text = formatLayout({
      ...furnished(),
      pieces: [place('sofa', [0.5, 3], Math.PI / 2, [2.1, 0.92, 0.82])],
    });
    expect(text).toContain('"at": [0.5, 3]');
    expect(text).toContain('"turn": 90');
    expect(text).toContain('"size": [2.1, 0.92, 0.82]');
  });

  test('lift and seed may be left out', () => {
    const value = JSON.parse(formatLayout(furnished()));
    value.pieces = [{ kind: 'sofa', at: [0, 3], turn: 0, size: [2, 0.9, 0.8] }];
    expect(read(JSON.stringify(value)).pieces).toEqual([
      { kind: 'sofa', at: [0, 3], turn: 0, size: [2, 0.9, 0.8], lift: 0, seed: 0 },
    ]);
  });

  test.each<[string, (value: ReturnType<typeof JSON.parse>) => unknown, RegExp]>([
    ['another version', (value) => ({ ...value, version: 2 }), /^version: .*version 1/],
    [
      'an unknown kind',
      (value) => ({ ...value, pieces: [{ ...value.pieces[0], kind: 'throne' }] }),
      /^pieces\[0\]\.kind: .*sofa, armchair/,
    ],
    [
      'a missing place',
      (value) => ({ ...value, pieces: [{ ...value.pieces[0], at: undefined }] }),
      /^pieces\[0\]\.at: /,
    ],
    [
      'a number as text',
      (value) => ({ ...value, pieces: [{ ...value.pieces[0], turn: '90' }] }),
      /^pieces\[0\]\.turn: .*number/,
    ],
    ['a member that is not known', (value) => ({ ...value, sofa: true }), /^layout\.json: .*"sofa"/],
    [
      'an opening in no wall',
      (value) => ({ ...value, room: { ...value.room, walls: [] } }),
      /^room\.openings: .*walls/,
    ],
    ['another style', (value) => ({ ...value, style: 'gothic' }), /^style: .*modern/],
  ])('%s is refused with its place', (_, change, message) => {
    const parsed = parseLayout(JSON.stringify(change(JSON.parse(formatLayout(furnished())))));
    expect(parsed.ok).toBe(false);
    expect(parsed.ok ? '' : parsed.problems.join('\n')).toMatch(message);
  });

  test('what is no JSON is said to be none', () => {
    expect(parseLayout('{')).toMatchObject({ ok: false, problems: [expect.stringMatching(/no JSON/)] });
  });
});
