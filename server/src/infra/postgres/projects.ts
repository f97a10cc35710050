import type { ProjectRow, Tx } from '../../ports/index.ts';
import { codeOf, UNIQUE_VIOLATION } from './errors.ts';
import { behind, toPage } from './pages.ts';
import { first, type Sql, sql } from './sql.ts';

const COLUMNS = sql`id, name, created_at AS "createdAt", updated_at AS "updatedAt"`;

/** Names that differ only in case or in how their letters are composed are the same name. */
function nameKey(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}

export function projectsOn(db: Sql): Tx['projects'] {
  return {
    async list(owner, page) {
      const rows = await db.rows<ProjectRow>(sql`
        SELECT ${COLUMNS} FROM projects
         WHERE account_id = ${owner} AND deleted_at IS NULL ${behind(page, sql`id`)}
         ORDER BY id DESC ${first(page.limit + 1)}`);
      return toPage(rows, page.limit);
    },

    async get(owner, id) {
      const [row] = await db.rows<ProjectRow>(sql`
        SELECT ${COLUMNS} FROM projects WHERE account_id = ${owner} AND id = ${id} AND deleted_at IS NULL`);
      return row;
    },

    async create(owner, id, name) {
      const [row] = await db.rows<ProjectRow>(sql`
        INSERT INTO projects (account_id, id, name, name_key) VALUES (${owner}, ${id}, ${name}, ${nameKey(name)})
        ON CONFLICT (account_id, name_key) WHERE deleted_at IS NULL DO NOTHING
        RETURNING ${COLUMNS}`);
      return row;
    },

    async rename(owner, id, name) {
      try {
        const [row] = await db.nested((inner) =>
          inner.rows<ProjectRow>(sql`
            UPDATE projects SET name = ${name}, name_key = ${nameKey(name)}, updated_at = now()
             WHERE account_id = ${owner} AND id = ${id} AND deleted_at IS NULL
            RETURNING ${COLUMNS}`),
        );
        return row;
      } catch (error) {
        if (codeOf(error) === UNIQUE_VIOLATION) return 'name_taken';
        throw error;
      }
    },

    async lock(owner, id) {
      const rows = await db.rows(sql`
        SELECT 1 FROM projects WHERE account_id = ${owner} AND id = ${id} AND deleted_at IS NULL FOR UPDATE`);
      return rows.length > 0;
    },

    async hasImages(owner, id) {
      const rows = await db.rows(sql`
        SELECT 1 FROM images
         WHERE account_id = ${owner} AND project_id = ${id} AND deleted_at IS NULL
         -- Any would do; the order keeps the planner on the index when it expects to meet one soon anyway.
         ORDER BY id DESC ${first(1)}`);
      return rows.length > 0;
    },

    async remove(owner, id) {
      await db.run(sql`
        UPDATE projects SET deleted_at = now()
         WHERE account_id = ${owner} AND id = ${id} AND deleted_at IS NULL`);
    },
  };
}
