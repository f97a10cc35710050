import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    CREATE INDEX jobs_dead ON jobs (updated_at, id) WHERE state = 'dead';
    CREATE INDEX jobs_dead_by_code ON jobs ((last_error ->> 'code'), updated_at, id) WHERE state = 'dead';
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw('DROP INDEX jobs_dead_by_code, jobs_dead');
}
