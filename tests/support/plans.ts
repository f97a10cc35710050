import type { Knex } from 'knex';
import pg from 'pg';

/** A node of a plan, as EXPLAIN (ANALYZE, FORMAT JSON) has it. */
interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly Plans?: readonly PlanNode[];
}

/** A statement as it was really run: its text and what its plan did. */
export interface RanStatement {
  readonly text: string;
  readonly plan: PlanNode;
}

/**
 * Makes the server tell every new connection to this database the plan of each statement that it runs. The
 * planner gets the settings that Postgres comes with, whatever this server was started with.
 */
export async function explainEverything(superuserUrl: string): Promise<void> {
  const client = new pg.Client(superuserUrl);
  await client.connect();
  const settings = {
    session_preload_libraries: 'auto_explain',
    'auto_explain.log_min_duration': '0',
    'auto_explain.log_analyze': 'on',
    'auto_explain.log_format': 'json',
    'auto_explain.log_level': 'notice',
    max_parallel_workers_per_gather: '2',
    jit: 'on',
  };
  const database = pg.escapeIdentifier(client.database ?? '');
  for (const [name, value] of Object.entries(settings)) {
    await client.query(`ALTER DATABASE ${database} SET ${name} = ${pg.escapeLiteral(value)}`);
  }
  await client.end();
}

/** Collects the plans that the connections of a pool are told of. */
export function createPlanLog() {
  const ran: RanStatement[] = [];
  return {
    /** For the option `inspect` of a store. */
    watch(db: Knex): void {
      // Tarn's events are not in the types of knex.
      db.client.pool.on('createSuccess', (_: number, connection: pg.Client) => {
        connection.on('notice', ({ message }) => {
          const json = /^duration: .* plan:\n(.*)$/s.exec(message ?? '')?.[1];
          if (json === undefined) return;
          // Written by the server.
          const told = JSON.parse(json) as { 'Query Text': string; Plan: PlanNode };
          ran.push({ text: told['Query Text'].replace(/\s+/g, ' ').trim(), plan: told.Plan });
        });
      });
    },
    take: (): RanStatement[] => ran.splice(0),
  };
}

/** What is wrong with how a statement ran; empty when nothing is. */
export function judgePlan({ plan }: RanStatement): string[] {
  const nodes = allNodes(plan);
  const wrong = nodes
    .filter((node) => /^Seq Scan$|Sort$/.test(node['Node Type']))
    .map((node) => `${node['Node Type']} ${node['Relation Name'] ?? ''}`.trim());
  const read = nodes.filter(isScan).reduce((sum, node) => sum + rowsRead(node), 0);
  const allowed = 10 * Math.max(1, rowsReturned(plan));
  return read > allowed ? [...wrong, `read ${read} rows for ${rowsReturned(plan)}`] : wrong;
}

function allNodes(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(allNodes)];
}

function isScan(node: PlanNode): boolean {
  return node['Relation Name'] !== undefined && node['Node Type'] !== 'ModifyTable';
}

function rowsRead(node: PlanNode): number {
  const removed = (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
  return (node['Actual Rows'] + removed) * node['Actual Loops'];
}

/** A write without RETURNING returns nothing; what counts is what it wrote. */
function rowsReturned(plan: PlanNode): number {
  if (plan['Node Type'] !== 'ModifyTable' || plan['Actual Rows'] > 0) return plan['Actual Rows'];
  return Math.max(0, ...(plan.Plans ?? []).map((child) => child['Actual Rows']));
}
