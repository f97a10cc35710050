import { describe, expect, test } from 'vitest';
import { fileName, withStems } from './names.ts';

const stemsOf = (...names: (string | null)[]) =>
  withStems(names.map((name, i) => ({ id: `img_00000${i}`, name, variation: 0 }))).map(({ stem }) => stem);

describe('what results are called', () => {
  test.each([
    ['kitchen.jpg', 'kitchen'],
    ['up/kitchen.jpeg', 'up/kitchen'],
    ['kitchen', 'kitchen'],
    ['.jpg', '.jpg'],
    ['v1.2 final', 'v1.2 final'],
    ['../../etc/passwd', 'etc/passwd'],
    ['/abs/hall.png', 'abs/hall'],
    ['a\\b.jpg', 'a/b'],
    ['a:b?.jpg', 'a_b_'],
    ['..', 'photo'],
  ])('%s is %s', (name, stem) => {
    expect(stemsOf(name)).toEqual([stem]);
  });

  test('a photo without a name is called like its image', () => {
    expect(stemsOf(null)).toEqual(['img_000000']);
  });

  test('two of the same name are told apart, case ignored', () => {
    expect(stemsOf('hall.jpg', 'Hall.png')).toEqual(['hall', 'Hall.000001']);
  });

  test('variations of one photo need no telling apart', () => {
    const images = [0, 1].map((variation) => ({ id: `img_${variation}`, name: 'hall.jpg', variation }));
    expect(withStems(images).map(({ image, stem }) => `${stem} ${image.variation}`)).toEqual([
      'hall 0',
      'hall 1',
    ]);
  });

  test.each([
    ['staged', 'image/jpeg', 0, 'hall.staged.jpg'],
    ['staged', 'image/avif', 1, 'hall.staged.2.avif'],
    ['mask/../x', 'image/png', 0, 'hall.mask____x.png'],
    ['data', 'application/json', 0, 'hall.data.json'],
    ['raw', 'application/x-own', 0, 'hall.raw.bin'],
  ])('%s of %s, variation %d: %s', (output, contentType, variation, name) => {
    expect(fileName('hall', output, contentType, variation)).toBe(name);
  });
});
