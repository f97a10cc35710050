import type { ImageRow, Objects, OriginalRow } from '../../ports/index.ts';

type Download = {
  name: string;
  url: string;
  expiresAt: string;
  contentType: string;
  size: number;
  sha256: string;
};
export type Downloads = { items: Download[] };

/** Lifetime of a download link. */
export const DOWNLOAD_TTL_MS = 15 * 60 * 1000;

const EXTENSIONS: Record<string, string> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'image/avif': 'avif',
  'image/heic': 'heic',
  'application/json': 'json',
};

/** Name that a browser offers to save under: what the client called the photo, less its ending. */
export function downloadName(
  image: Pick<ImageRow, 'id' | 'name'>,
  output: string,
  contentType: string,
): string {
  const stem = (image.name ?? image.id)
    .replace(/\.[A-Za-z0-9]{1,5}$/, '')
    .replace(/[^\p{L}\p{N}._ -]+/gu, '_');
  return `${stem}.${output}.${EXTENSIONS[contentType] ?? 'bin'}`;
}

export async function linkDownloads(
  objects: Objects,
  image: ImageRow,
  original: OriginalRow | undefined,
  now: Date,
): Promise<Downloads> {
  const expiresAt = new Date(now.getTime() + DOWNLOAD_TTL_MS);
  const files = [...image.outputs, ...(original ? [{ ...original, name: 'original' }] : [])];
  const items = await Promise.all(
    files.map(async ({ name, objectKey, contentType, size, sha256 }) => ({
      name,
      url: await objects.presignGet({
        ref: { bucket: 'photos', key: objectKey },
        expiresAt,
        contentType,
        fileName: downloadName(image, name, contentType),
      }),
      expiresAt: expiresAt.toISOString(),
      contentType,
      size,
      sha256,
    })),
  );
  return { items };
}
