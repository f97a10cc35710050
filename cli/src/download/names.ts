import type { Image } from '@stager/sdk';

const ENDINGS: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'image/avif': 'avif',
  'application/json': 'json',
};

/**
 * Where the files of images go below a folder, as `upload --out` names them: `kitchen.finished.jpg`. Photos of the
 * same name are told apart by the end of the image's id. No name leads out of the folder.
 */
export function fileStems(images: readonly Pick<Image, 'id' | 'name' | 'variation'>[]): Map<string, string> {
  const stems = new Map<string, string>();
  const taken = new Set<string>();
  for (const image of images) {
    const stem = stemOf(image.name ?? image.id);
    const key = (text: string) => `${text.toLowerCase()} ${image.variation}`;
    const unique = taken.has(key(stem)) ? `${stem}.${image.id.slice(-6)}` : stem;
    taken.add(key(unique));
    stems.set(image.id, unique);
  }
  return stems;
}

function stemOf(name: string): string {
  const parts = name
    .replaceAll('\\', '/')
    .split('/')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
    .map((part) => part.replaceAll(/[\x00-\x1f\x7f<>:"|?*]/g, '_').trim())
    .filter((part) => part !== '' && part !== '.' && part !== '..');
  const path = parts.join('/') || 'photo';
  return path.replace(/\.[A-Za-z0-9]{1,5}$/, '') || path;
}

/** The first variation has no number. */
export function fileName(stem: string, output: string, contentType: string, variation: number): string {
  const safe = output.replaceAll(/[^\w-]/g, '_') || 'output';
  const number = variation > 0 ? `.${variation + 1}` : '';
  return `${stem}.${safe}${number}.${ENDINGS[contentType] ?? 'bin'}`;
}
