import { hash } from 'node:crypto';
import type { NewImage } from '../../ports/index.ts';

/**
 * Hash of all that decides a picture, and its project: equal hashes mean the same work asked for twice.
 * @param version of the engine: what an older one made is not what is asked for today
 */
export function imageSpecHash(image: Omit<NewImage, 'id' | 'name' | 'specHash'>, version: string): string {
  const params = Object.entries(image.params).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return hash(
    'sha256',
    JSON.stringify([
      image.projectId,
      image.originalId,
      image.engine,
      version,
      image.roomType,
      image.style,
      image.seed,
      image.variation,
      params,
      ...(image.layout === null ? [] : [image.layout]),
    ]),
    'hex',
  );
}
