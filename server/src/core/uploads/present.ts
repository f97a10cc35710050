import { type Original, UPLOAD_TYPES } from '../../contract/index.ts';
import type { OriginalRow } from '../../ports/index.ts';

export function presentOriginal(row: OriginalRow): Original {
  const contentType = UPLOAD_TYPES.find((type) => type === row.contentType);
  if (!contentType) throw new Error(`original ${row.id} has the unknown type ${row.contentType}`);
  return {
    id: row.id,
    sha256: row.sha256,
    size: row.size,
    contentType,
    width: row.width,
    height: row.height,
    createdAt: row.createdAt.toISOString(),
  };
}
