import { createHash } from 'node:crypto';
import type { Field } from './field.ts';
import type { EventFacts, ImageFacts, OutputFacts, RoundFacts } from './judge.ts';
import type { Reader } from './reader.ts';

/** What there is to know of a round that is over. @param known images that were there before */
export async function lookAtRound(
  field: Field,
  reader: Pick<Reader, 'from' | 'heard'>,
  accepted: readonly string[],
  known: ReadonlySet<string>,
): Promise<RoundFacts> {
  const rows = await field.query<Omit<ImageFacts, 'outputs'>>('SELECT id, state FROM images ORDER BY id');
  const own = rows.filter(({ id }) => !known.has(id));
  const outputs = await lookAtOutputs(
    field,
    own.map(({ id }) => id),
  );
  const events = await field.query<{ seq: string; type: string; imageId: string }>(
    'SELECT seq, type, image_id AS "imageId" FROM events WHERE seq > $1 ORDER BY seq',
    [reader.from],
  );
  const [head] = await field.query<{ seq: string }>('SELECT max(seq) AS seq FROM event_heads');
  return {
    accepted,
    images: own.map((image) => ({ ...image, outputs: outputs.get(image.id) ?? [] })),
    events: events.map((event): EventFacts => ({ ...event, seq: Number(event.seq) })),
    heard: reader.heard,
    numbered: Number(head?.seq ?? 0) - reader.from,
    stored: await field.storedOutputs(),
    waiting: await lookForWork(field),
  };
}

/** What waits that somebody should have taken. */
export async function lookForWork(field: Field): Promise<string[]> {
  const rows = await field.query<{ what: string }>(
    `SELECT 'job ' || id || ' is ' || state AS what FROM jobs WHERE state IN ('queued', 'running')
     UNION ALL SELECT 'outbox: ' || kind FROM outbox`,
  );
  return rows.map(({ what }) => what);
}

/** Published outputs by image, with the hash of what a customer gets. */
async function lookAtOutputs(field: Field, images: readonly string[]): Promise<Map<string, OutputFacts[]>> {
  const rows = await field.query<Omit<OutputFacts, 'found'> & { imageId: string }>(
    `SELECT image_id AS "imageId", name, object_key AS key, sha256 FROM image_outputs
      WHERE image_id = ANY ($1) ORDER BY image_id, position`,
    [images],
  );
  const token = await field.stack.token();
  const found = new Map<string, OutputFacts[]>();
  for (const [imageId, outputs] of Map.groupBy(rows, (row) => row.imageId)) {
    const links = await linksOf(`${field.stack.apiUrl}/v1/images/${imageId}/downloads`, token);
    const looked = outputs.map(async (output) => ({
      ...output,
      found: await hashOf(links.get(output.name)),
    }));
    found.set(imageId, await Promise.all(looked));
  }
  return found;
}

async function linksOf(url: string, token: string): Promise<Map<string, string>> {
  const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  if (!answer.ok) return new Map();
  const { items } = (await answer.json()) as { items: { name: string; url: string }[] };
  return new Map(items.map((item) => [item.name, item.url]));
}

async function hashOf(url: string | undefined): Promise<string | undefined> {
  if (url === undefined) return undefined;
  const answer = await fetch(url);
  const bytes = Buffer.from(await answer.arrayBuffer());
  return answer.ok ? createHash('sha256').update(bytes).digest('hex') : undefined;
}
