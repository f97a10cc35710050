import { createHash } from 'node:crypto';
import type { Field } from './field.ts';

const SETTLE_MS = 20_000;

interface ImageFacts {
  readonly id: string;
  readonly state: string;
  readonly types: readonly string[];
  readonly outputs: number;
}

/** What must be true of images when a fault is over and their round has ended. Answers with what is not. */
export async function checkRound(field: Field, images: readonly string[], followed: readonly string[]) {
  const faults: string[] = [];
  const rows = await field.query<ImageFacts>(
    `SELECT i.id, i.state,
            ARRAY(SELECT e.type FROM events e WHERE e.account_id = i.account_id AND e.image_id = i.id ORDER BY seq) AS types,
            (SELECT count(*)::int FROM image_outputs o WHERE o.account_id = i.account_id AND o.image_id = i.id) AS outputs
       FROM images i WHERE i.id = ANY ($1)`,
    [images],
  );
  if (rows.length !== images.length)
    faults.push(`${images.length} images were accepted, ${rows.length} are there`);
  for (const row of rows) faults.push(...judgeImage(row));
  for (const id of images) {
    const seen = followed.filter((other) => other === id).length;
    if (seen !== 1) faults.push(`${id}: its end was heard ${seen} times`);
  }
  return [...faults, ...(await checkNumbers(field)), ...(await checkObjects(field, images))];
}

function judgeImage({ id, state, types, outputs }: ImageFacts): string[] {
  const faults: string[] = [];
  if (state !== 'ready' && state !== 'error') faults.push(`${id}: is ${state}`);
  const ends = types.filter((type) => type === 'image.ready' || type === 'image.error');
  if (ends.length !== 1 || types.at(-1) !== ends[0]) faults.push(`${id}: its events are ${types.join(', ')}`);
  if (types[0] !== 'image.queued') faults.push(`${id}: begins with ${types[0]}`);
  if ((state === 'ready') !== outputs > 0) faults.push(`${id}: is ${state} with ${outputs} outputs`);
  return faults;
}

/** Events are numbered without a gap; nothing waits that nobody will take. */
async function checkNumbers(field: Field): Promise<string[]> {
  const gaps = await field.query(
    `SELECT h.account_id FROM event_heads h
      WHERE h.seq - h.pruned_to <> (SELECT count(*) FROM events e WHERE e.account_id = h.account_id)`,
  );
  const left = await settled(async () =>
    (
      await field.query<{ what: string }>(
        `SELECT 'job ' || id || ' is ' || state AS what FROM jobs WHERE state IN ('queued', 'running')
        UNION ALL SELECT 'outbox: ' || kind FROM outbox`,
      )
    ).map(({ what }) => what),
  );
  return [...gaps.map(() => 'the numbers of events have a gap'), ...left];
}

/** What is said to be finished is there, byte for byte. */
async function checkObjects(field: Field, images: readonly string[]): Promise<string[]> {
  const outputs = await field.query<{ image_id: string; name: string; sha256: string }>(
    'SELECT image_id, name, sha256 FROM image_outputs WHERE image_id = ANY ($1)',
    [images],
  );
  const token = await field.stack.token();
  const faults: string[] = [];
  for (const imageId of new Set(outputs.map(({ image_id }) => image_id))) {
    const answer = await fetch(`${field.stack.apiUrl}/v1/images/${imageId}/downloads`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const { items } = (await answer.json()) as { items: { name: string; url: string }[] };
    for (const { name, sha256 } of outputs.filter(({ image_id }) => image_id === imageId)) {
      const link = items.find((item) => item.name === name);
      const bytes = link && Buffer.from(await (await fetch(link.url)).arrayBuffer());
      const found = bytes && createHash('sha256').update(bytes).digest('hex');
      if (found !== sha256) faults.push(`${imageId}: its output ${name} is not what was published`);
    }
  }
  return faults;
}

/** Waits for nothing to be left; answers with what is left when it takes too long. */
async function settled(look: () => Promise<string[]>): Promise<string[]> {
  const end = performance.now() + SETTLE_MS;
  for (;;) {
    const left = await look();
    if (left.length === 0 || performance.now() > end) return left;
    await new Promise((next) => setTimeout(next, 50));
  }
}

/** Connections that a system at rest may hold: the pools of three processes, and some. */
const CONNECTIONS_MAX = 60;

export async function checkConnections(field: Field): Promise<string[]> {
  return settled(async () => {
    const rows = await field.query<{ name: string; count: number }>(
      `SELECT application_name AS name, count(*)::int AS count FROM pg_stat_activity
        WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() GROUP BY 1`,
    );
    const total = rows.reduce((sum, { count }) => sum + count, 0);
    const busy = await field.query<{ name: string }>(
      `SELECT application_name AS name FROM pg_stat_activity
        WHERE state LIKE 'idle in transaction%' AND state_change < now() - interval '5 seconds'`,
    );
    return [
      ...(total > CONNECTIONS_MAX
        ? [`${total} connections: ${rows.map((row) => `${row.name} ${row.count}`).join(', ')}`]
        : []),
      ...busy.map(({ name }) => `${name} holds a transaction open`),
    ];
  });
}
