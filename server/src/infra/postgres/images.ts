import type { ImageState } from '../../contract/index.ts';
import type { EventFilter, ImageFilter, PageRequest, Tx } from '../../ports/index.ts';
import { imageColumns, type StoredImage, toImage } from './imageRow.ts';
import { behind, toPage } from './pages.ts';
import { first, type Sql, type Statement, sql, storableError } from './sql.ts';

/** The states of what is unfinished, in the order in which a snapshot names it. */
const UNFINISHED: readonly ImageState[] = ['processing', 'queued'];

export function imagesOn(db: Sql): Tx['images'] {
  return {
    async insert(owner, images) {
      if (images.length === 0) return [];
      const rows = await db.rows<StoredImage>(sql`
        INSERT INTO images AS i
          (account_id, id, project_id, original_id, name, engine, room_type, style, seed, variation, params,
           layout, spec_hash)
        SELECT ${owner}, n.id, n."projectId", n."originalId", n.name, n.engine, n."roomType", n.style, n.seed,
               n.variation, n.params, n.layout, n."specHash"
          FROM json_to_recordset(${JSON.stringify(images)}::json) AS n
               (id text, "projectId" text, "originalId" text, name text, engine text, "roomType" text, style text,
                seed bigint, variation integer, params json, layout json,
                "specHash" text)
        RETURNING ${imageColumns({ outputs: false })}`);
      const made = new Map(rows.map((row) => [row.id, toImage(row)]));
      return images.flatMap(({ id }) => made.get(id) ?? []);
    },

    async list(owner, filter, page) {
      const rows = await db.rows<StoredImage>(listStatement(owner, filter, page));
      return toPage(rows.map(toImage), page.limit);
    },

    async get(owner, id) {
      const [row] = await db.rows<StoredImage>(sql`
        SELECT ${imageColumns({ outputs: true })} FROM images i
         WHERE i.account_id = ${owner} AND i.id = ${id} AND i.deleted_at IS NULL`);
      return row && toImage(row);
    },

    async getForUpdate(owner, id) {
      const [row] = await db.rows<StoredImage>(sql`
        SELECT ${imageColumns({ outputs: true })} FROM images i
         WHERE i.account_id = ${owner} AND i.id = ${id} AND i.deleted_at IS NULL
           FOR UPDATE`);
      return row && toImage(row);
    },

    async findBySpec(owner, specHashes) {
      const rows = await db.rows<StoredImage & { specHash: string }>(sql`
        SELECT i.* FROM unnest(${specHashes}::text[]) AS wanted (spec_hash)
         CROSS JOIN LATERAL (
               SELECT i.spec_hash AS "specHash", ${imageColumns({ outputs: true })} FROM images i
                WHERE i.account_id = ${owner} AND i.spec_hash = wanted.spec_hash AND i.deleted_at IS NULL
                  AND i.state IN ('queued', 'processing', 'ready')
                ORDER BY i.id DESC ${first(1)}) i`);
      return rows.map(({ specHash, ...row }) => ({ specHash, image: toImage(row) }));
    },

    async listUnfinished(owner, filter, limit) {
      const rows = await db.rows<StoredImage>(sql`
        SELECT u.* FROM unnest(${UNFINISHED}::text[]) AS wanted (state)
         CROSS JOIN LATERAL (
               SELECT ${imageColumns({ outputs: false })} FROM images i
                WHERE i.account_id = ${owner} AND i.state = wanted.state AND i.deleted_at IS NULL
                      ${ofFilter(filter)}
                ORDER BY i.id DESC ${first(limit)}) u
         LIMIT ${limit}`);
      return rows.map(toImage);
    },

    async setState(owner, id, state, error) {
      const [row] = await db.rows<StoredImage>(sql`
        UPDATE images i
           SET state = ${state}, error = ${error && JSON.stringify(storableError(error))}::json, updated_at = now(),
               -- What is queued by a person begins a new series of attempts.
               attempts = CASE WHEN ${state} = 'queued' THEN 0 ELSE i.attempts END
         WHERE i.account_id = ${owner} AND i.id = ${id} AND i.deleted_at IS NULL
        RETURNING ${imageColumns({ outputs: true })}`);
      if (!row) throw new Error(`there is no image ${id} in ${owner}`);
      return toImage(row);
    },

    async remove(owner, id) {
      await db.run(sql`
        WITH gone AS (
          UPDATE images SET deleted_at = now(), updated_at = now()
           WHERE account_id = ${owner} AND id = ${id} AND deleted_at IS NULL
          RETURNING account_id, id)
        DELETE FROM image_outputs o USING gone WHERE o.account_id = gone.account_id AND o.image_id = gone.id`);
    },
  };
}

function listStatement(owner: string, { projectId, state }: ImageFilter, page: PageRequest): Statement {
  const ofState = state === undefined ? sql`` : sql`AND i.state = ${state}`;
  return sql`
    SELECT ${imageColumns({ outputs: true })} FROM images i
     WHERE i.account_id = ${owner} AND i.deleted_at IS NULL
           ${ofFilter({ projectId })} ${ofState} ${behind(page, sql`i.id`)}
     ORDER BY i.id DESC ${first(page.limit + 1)}`;
}

function ofFilter({ projectId, imageId }: EventFilter): Statement {
  const project = projectId === undefined ? sql`` : sql`AND i.project_id = ${projectId}`;
  const image = imageId === undefined ? sql`` : sql`AND i.id = ${imageId}`;
  return sql`${project} ${image}`;
}
