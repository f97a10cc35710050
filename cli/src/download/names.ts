import type { Image } from '@stager/sdk';

const ENDINGS: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'image/avif': 'avif',
  'image/heic': 'heic',
  'application/json': 'json',
};

/**
 * Where the files of images go below a folder, as `upload --out` names them: `kitchen.finished.jpg`. Photos of the
 * same name are told apart by the end of the image's id. No name leads out of the folder.
 */
export function withStems<I extends Pick<Image, 'id' | 'name' | 'variation'>>(
  images: readonly I[],
): { readonly image: I; readonly stem: string }[] {
  const taken = new Set<string>();
  return images.map((image) => {
    const key = (text: string) => `${text.toLowerCase()} ${image.variation}`;
    const own = stemOf(image.name ?? image.id);
    const stem = taken.has(key(own)) ? `${own}.${image.id.slice(-6)}` : own;
    taken.add(key(stem));
    return { image, stem };
  });
}

function stemOf(name: string): string {
  const parts = name
    .replaceAll('\\', '/')
    .split('/')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
    .map((part) => part.replaceAll(/[\x00-\x1f\x7f<>:"|?*]/g, '_').trim())
    .filter((part) => part !== '' && part !== '.' && part !== '..');
  const path = parts.join('/') || 'photo';
  // Never the whole name: `.jpg` stays.
  return path.replace(/(?<=[^/])\.[A-Za-z0-9]{1,5}$/, '');
}

/** The first variation has no number. */
export function fileName(stem: string, output: string, contentType: string, variation: number): string {
  const safe = output.replaceAll(/[^\w-]/g, '_');
  const number = variation > 0 ? `.${variation + 1}` : '';
  return `${stem}.${safe}${number}.${ENDINGS[contentType] ?? 'bin'}`;
}
