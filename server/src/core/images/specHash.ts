import { hash } from 'node:crypto';
import type { NewImage } from '../../ports/index.ts';

/** Hash of all that decides a picture, and its project: equal hashes mean the same work asked for twice. */
export function imageSpecHash(image: Omit<NewImage, 'id' | 'name' | 'specHash'>): string {
  const params = Object.entries(image.params).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return hash(
    'sha256',
    JSON.stringify([
      image.projectId,
      image.originalId,
      image.engine,
      image.roomType,
      image.style,
      image.seed,
      image.variation,
      params,
    ]),
    'hex',
  );
}
