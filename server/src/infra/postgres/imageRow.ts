import type { ImageRow, OutputRow } from '../../ports/index.ts';
import { type Statement, sql } from './sql.ts';

/** As the database has it: bigint comes as text, outputs in no order. */
export type StoredImage = Omit<ImageRow, 'seed' | 'outputs'> & {
  seed: string;
  outputs: (OutputRow & { position: number })[] | null;
};

/** Columns of an image whose table goes by the name `i`. Outputs exist only behind the state `ready`. */
export function imageColumns({ outputs }: { outputs: boolean }): Statement {
  return sql`i.id, i.project_id AS "projectId", i.original_id AS "originalId", i.name, i.engine,
    i.room_type AS "roomType", i.style, i.seed, i.variation, i.params, i.state, i.attempts, i.error,
    i.created_at AS "createdAt", i.updated_at AS "updatedAt", ${outputs ? OUTPUTS : sql`NULL AS outputs`}`;
}

const OUTPUTS = sql`(
  SELECT json_agg(json_build_object(
           'name', o.name, 'position', o.position, 'objectKey', o.object_key, 'contentType', o.content_type,
           'size', o.size, 'sha256', o.sha256, 'width', o.width, 'height', o.height))
    FROM image_outputs o
   WHERE o.account_id = i.account_id AND o.image_id = i.id) AS outputs`;

export function toImage(row: StoredImage): ImageRow {
  const outputs = (row.outputs ?? []).toSorted((a, b) => a.position - b.position);
  return {
    ...row,
    seed: Number(row.seed),
    outputs: outputs.map(({ position: _, ...output }) => output),
  };
}
