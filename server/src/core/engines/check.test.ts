import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { buildCatalog } from '../catalog/catalog.ts';
import { DEFAULT_ENGINE, ENGINES, type EngineDescriptor, findEngine } from './catalogue.ts';
import { checkEngineRequest } from './check.ts';
import { FINISH, FinishParams } from './finish.ts';

const plain = { roomType: null, style: null, variations: 1, params: {} };

const stylist: EngineDescriptor = {
  ...FINISH,
  name: 'stylist',
  rooms: ['bedroom', 'living_room'],
  styles: ['modern', 'coastal'],
  choiceless: null,
  params: z.strictObject({}),
  maxVariations: 4,
};

describe('a request that the engine finish can do', () => {
  test.each([
    ['nothing but the photo', plain],
    ['the smallest size', { ...plain, params: { longEdge: 640 } }],
    ['the largest size as PNG', { ...plain, params: { longEdge: 4096, format: 'png' } }],
  ])('%s', (_, request) => {
    expect(checkEngineRequest('finish', request)).toBeNull();
    expect(checkEngineRequest(FINISH, request)).toBeNull();
  });
});

describe('a request that is refused', () => {
  test.each([
    ['an engine that is not installed', 'nope', plain, 'unknown_engine', /"nope".*Installed: finish/],
    ['a name of Object.prototype', 'constructor', plain, 'unknown_engine', /"constructor"/],
    [
      'a style',
      'finish',
      { ...plain, style: 'modern' },
      'engine_takes_no_style',
      /^The engine finish does not take a style: it corrects the photo and adds no furniture\./,
    ],
    [
      'a room type',
      'finish',
      { ...plain, roomType: 'bedroom' },
      'engine_takes_no_room',
      /^The engine finish does not take a room type: it corrects the photo and adds no furniture\./,
    ],
    [
      'two variations',
      'finish',
      { ...plain, variations: 2 },
      'too_many_variations',
      /one result.*Set variations to 1/,
    ],
    [
      'a size below',
      'finish',
      { ...plain, params: { longEdge: 639 } },
      'invalid_params',
      /longEdge.*640.*It takes: longEdge, format/,
    ],
    ['a size above', 'finish', { ...plain, params: { longEdge: 4097 } }, 'invalid_params', /longEdge.*4096/],
    ['a broken number', 'finish', { ...plain, params: { longEdge: 1000.5 } }, 'invalid_params', /longEdge/],
    [
      'an unknown format',
      'finish',
      { ...plain, params: { format: 'gif' } },
      'invalid_params',
      /format.*jpeg/,
    ],
    ['an unknown parameter', 'finish', { ...plain, params: { style: 'x' } }, 'invalid_params', /style/],
  ])('%s', (_, engine, request, code, message) => {
    const refusal = checkEngineRequest(engine, request);
    expect(refusal?.code).toBe(code);
    expect(refusal?.message).toMatch(message);
  });

  test('names the engines that have styles and rooms', () => {
    const installed = [FINISH, stylist];
    expect(checkEngineRequest('finish', { ...plain, style: 'modern' }, installed)?.message).toContain(
      'choose an engine that has styles: stylist.',
    );
    expect(checkEngineRequest('finish', { ...plain, roomType: 'bedroom' }, installed)?.message).toContain(
      'choose an engine that has room types: stylist.',
    );
  });

  test('says so when no engine has them', () => {
    expect(checkEngineRequest('finish', { ...plain, style: 'modern' }, [FINISH])?.message).toContain(
      'No installed engine takes styles yet; leave the style out.',
    );
  });
});

describe('an engine with styles', () => {
  test.each([
    [{ ...plain, style: 'modern', roomType: 'bedroom', variations: 4 }, null],
    [{ ...plain, style: 'gothic' }, 'unknown_style'],
    [{ ...plain, roomType: 'crypt' }, 'unknown_room'],
    [{ ...plain, variations: 5 }, 'too_many_variations'],
    [{ ...plain, params: { longEdge: 1000 } }, 'invalid_params'],
  ])('%j', (request, code) => {
    expect(checkEngineRequest('stylist', request, [FINISH, stylist])?.code ?? null).toBe(code);
  });
});

describe('the catalogue', () => {
  test('has unique names, a default, and finds each', () => {
    const names = ENGINES.map((engine) => engine.name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain(DEFAULT_ENGINE);
    for (const name of names) expect(findEngine(name).name).toBe(name);
    expect(() => findEngine('nope')).toThrow('"nope"');
  });

  test('an engine without rooms or styles says why', () => {
    for (const engine of ENGINES) {
      const full = engine.rooms.length > 0 && engine.styles.length > 0;
      expect(engine.choiceless === null).toBe(full);
    }
  });

  test.each([
    [{ floor: '10,20;30.5,20;30,40' }, null],
    [{ floor: '1,2;3,4' }, 'invalid_params'],
    [{ floor: 'a;b;c' }, 'invalid_params'],
    [{ label: 'none' }, 'invalid_params'],
    [{ cameraHeight: 1.4, horizon: 300, quality: 'preview', format: 'png' }, null],
  ])('layout with %j', (params, code) => {
    const request = { roomType: 'bedroom', style: 'modern', variations: 6, params };
    expect(checkEngineRequest('layout', request)?.code ?? null).toBe(code);
  });

  test('publishes the defaults of finish', () => {
    const [finish] = buildCatalog({ maxBytes: 1, maxPixels: 1 }).engines;
    expect(finish).toMatchObject({
      name: 'finish',
      styles: [],
      rooms: [],
      params: {
        properties: { longEdge: { default: 2048, minimum: 640, maximum: 4096 }, format: { default: 'jpeg' } },
      },
    });
    expect(FinishParams.parse({})).toEqual({ longEdge: 2048, format: 'jpeg' });
  });
});
