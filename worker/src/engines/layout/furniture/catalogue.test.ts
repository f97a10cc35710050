import { LAYOUT } from '@stager/server/core/engines/layout';
import { describe, expect, test } from 'vitest';
import { CATALOGUE, findEntry, ROOM_TYPES } from './catalogue.ts';
import { colour, STYLE_NAMES, STYLES } from './styles.ts';

describe('the catalogue of furniture', () => {
  test('names each kind once, finds it, and says so when there is none', () => {
    const kinds = CATALOGUE.map(({ kind }) => kind);
    expect(new Set(kinds).size).toBe(kinds.length);
    for (const kind of kinds) expect(findEntry(kind).kind).toBe(kind);
    expect(() => findEntry('throne')).toThrow('"throne"');
  });

  test.each(CATALOGUE)('$kind: sizes grow, and what stands or hangs knows where', (entry) => {
    const [least, usual, most] = entry.sizes;
    for (const axis of [0, 1, 2] as const) {
      expect(least[axis]).toBeGreaterThan(0);
      expect(usual[axis]).toBeGreaterThanOrEqual(least[axis]);
      expect(most[axis]).toBeGreaterThanOrEqual(usual[axis]);
    }
    expect(entry.on.length > 0).toBe(entry.stands === 'top');
    for (const kind of entry.on) expect(findEntry(kind).stands).toBe('floor');
    expect(entry.hangs !== undefined).toBe(entry.stands === 'wall');
    // What touches a wall leaves no floor behind it.
    if (entry.wall === 'must') expect(entry.clear.back).toBe(0);
  });

  test('has what the engine promises: pieces, room types and styles enough, and those that it offers', () => {
    expect(CATALOGUE.length).toBeGreaterThanOrEqual(30);
    expect(LAYOUT.rooms).toEqual(ROOM_TYPES);
    expect(LAYOUT.styles).toEqual(STYLE_NAMES);
  });
});

describe('styles', () => {
  test.each(STYLE_NAMES)('%s: nothing is whiter or blacker than real surfaces are', (name) => {
    const { upholstery, second, wood, metal, accent, rug, ceramic } = STYLES[name];
    expect(STYLES[name].name).toBe(name);
    for (const material of [upholstery, second, wood, metal, accent, rug, ceramic]) {
      const albedo = 'albedo' in material ? material.albedo : [];
      expect(albedo).toHaveLength(3);
      expect(Math.max(...albedo)).toBeGreaterThanOrEqual(0.03);
      expect(Math.max(...albedo)).toBeLessThanOrEqual(0.82);
    }
  });

  test('a colour is taken from sRGB into linear light', () => {
    const [r, g, b] = colour('#80bc00');
    expect(r).toBeCloseTo(0.2159, 3);
    expect(g).toBeCloseTo(0.5029, 3);
    expect(b).toBe(0);
    expect(colour('#000000')).toEqual([0.03, 0.03, 0.03]);
    expect(colour('#ffffff')).toEqual([0.82, 0.82, 0.82]);
  });
});
