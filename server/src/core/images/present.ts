import type { Image } from '../../contract/index.ts';
import type { ImageRow } from '../../ports/index.ts';

export function presentImage(row: ImageRow): Image {
  return {
    id: row.id,
    projectId: row.projectId,
    originalId: row.originalId,
    name: row.name,
    engine: row.engine,
    roomType: row.roomType,
    style: row.style,
    seed: row.seed,
    variation: row.variation,
    params: { ...row.params },
    state: row.state,
    attempts: row.attempts,
    error: row.error,
    outputs: row.outputs.map(({ objectKey: _, ...output }) => output),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}
