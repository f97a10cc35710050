import { type RouteName, type RouteSpec, routeList } from '../../server/src/contract/index.ts';
import { buildOpenApi, type RouteSchemas } from '../../server/src/contract/openapi.ts';
import { newId } from '../../server/src/core/ids.ts';
import { addOriginal, aStripeEvent, cancel, makeAccount, queueImages } from '../support/fixtures.ts';
import { exampleOf, idPrefixes } from './example.ts';
import { addMember, type World } from './world.ts';

const { document, schemas } = buildOpenApi(routeList);
export const components = document.components.schemas;

export const schemasOf = (route: RouteSpec): RouteSchemas => schemas.get(route.name) ?? {};

/** A request that an operation answers with success. */
export interface Example {
  readonly params: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  /** Who may do it; by default somebody of our account with the least role that is needed. */
  readonly principal?: string;
}

/** Whose rows: ours, or those of the account that must see nothing of ours. */
export type Side = 'ours' | 'theirs';

/** Rows that no operation makes in one call. */
const ROWS: Readonly<Record<string, (world: World, account: string) => Promise<string>>> = {
  acc: ({ store }) => makeAccount(store),
  org: async ({ store }, account) => (await store.transaction((tx) => addOriginal(tx, account))).id,
  job: async ({ store }, account) => (await queueImages(store, account, 1))[0]?.jobId ?? '',
  img: async ({ store }, account) => (await queueImages(store, account, 1))[0]?.image.id ?? '',
  async evt({ store }) {
    const event = aStripeEvent({ customerId: null });
    await store.read.stripe.addEvent(event);
    return event.id;
  },
  rec: (world) => makeRun(world, 'scanned'),
  mem: ({ store }, account) => addMember(store, account, `auth0|${newId('mem')}`),
};

/** Words that a field must hold for an operation to do what it is for, though its schema takes others. */
const TEXTS = { contentType: 'image/jpeg' };

/** What a schema cannot tell of an operation: the state that its row must be in, or who may do it. */
const HOOKS: Partial<Record<RouteName, (world: World) => Promise<Partial<Example>>>> = {
  async retryImage(world) {
    const imageId = await makeRow(world, 'img', 'ours');
    await cancel(world.store, world.accounts.ours, imageId);
    return { params: { imageId } };
  },
  async retryJob(world) {
    const [queued] = await queueImages(world.store, world.accounts.ours, 1);
    await cancel(world.store, world.accounts.ours, queued?.image.id ?? '');
    return { params: { jobId: queued?.jobId } };
  },
  async replayDeadLetters({ store, accounts, sql }) {
    const [queued] = await queueImages(store, accounts.ours, 1);
    await sql(`UPDATE jobs SET state = 'dead' WHERE id = $1`, [queued?.jobId]);
    await sql(`UPDATE images SET state = 'error', error = '{}' WHERE id = $1`, [queued?.image.id]);
    return { body: { jobIds: [queued?.jobId] } };
  },
  // Of a change to what is so already nothing would be seen.
  async updateMember() {
    return { body: { role: 'owner' } };
  },
  // On is for plans alone that offer it.
  async updateBilling() {
    return { body: { payAsYouGo: { enabled: false, cap: 5 } } };
  },
  // The page of Stripe is for who has bought something.
  async createPortalSession({ store, accounts }) {
    await store.transaction((tx) => tx.stripe.setCustomer(accounts.ours, `cus_${accounts.ours}`));
    return {};
  },
  async retryStripeEvent(world) {
    const eventId = await makeRow(world, 'evt', 'ours');
    await world.sql(`UPDATE stripe_events SET state = 'parked', ended_at = now() WHERE id = $1`, [eventId]);
    return { params: { eventId } };
  },
  async resumeAccount({ store, sql }) {
    const accountId = await makeAccount(store);
    await sql('UPDATE accounts SET suspended_at = now() WHERE id = $1', [accountId]);
    return { params: { accountId } };
  },
  async startReconcile(world) {
    await endRuns(world);
    return { body: {} };
  },
  async applyReconcile(world) {
    await endRuns(world);
    return { params: { runId: await makeRun(world, 'scanned') }, body: {} };
  },
  async undoReconcile(world) {
    await endRuns(world);
    return { params: { runId: await makeRun(world, 'applied') } };
  },
  async cancelReconcile(world) {
    await endRuns(world);
    return { params: { runId: await makeRun(world, 'queued') } };
  },
  async deleteAccount({ store }) {
    return { params: { accountId: await makeAccount(store) }, body: { name: 'Test' } };
  },
  getAccountDeletion: orderedDeletion,
  cancelAccountDeletion: orderedDeletion,
  async leaveAccount(world) {
    const principal = `auth0|${newId('mem')}`;
    await addMember(world.store, world.accounts.ours, principal);
    return { principal };
  },
  async removeClient({ store }) {
    const accountId = await makeAccount(store);
    return { params: { accountId, clientId: await addMember(store, accountId, `${newId('mem')}@clients`) } };
  },
  async acceptInvitation(world) {
    const invited = await callAs(world, 'owner', '/v1/invitations', {});
    return { body: { secret: invited['secret'] }, principal: `auth0|${newId('mem')}` };
  },
};

/** No worker is there to end them, and there is one at a time. */
async function endRuns({ sql }: World): Promise<void> {
  await sql(
    `UPDATE reconcile_runs SET state = 'canceled' WHERE state IN ('queued', 'apply_queued', 'undo_queued')`,
  );
}

async function makeRun(world: World, state: 'queued' | 'scanned' | 'applied'): Promise<string> {
  const id = newId('rec');
  await world.sql(
    `INSERT INTO reconcile_runs (id, requested_by, state, changes_max, applied_by, started_at)
     VALUES ($1, 'auth0|admin', $2, 20, CASE WHEN $2 = 'applied' THEN 'auth0|admin' END, now())`,
    [id, state],
  );
  return id;
}

async function orderedDeletion({ store, sql }: World): Promise<Partial<Example>> {
  const accountId = await makeAccount(store);
  await sql(
    `INSERT INTO account_deletions (id, account, requested_by, due_at)
     VALUES ($1, $2, 'auth0|admin', now() + interval '1 day')`,
    [newId('del'), accountId],
  );
  return { params: { accountId } };
}

let counter = 0;

export async function makeExample(world: World, route: RouteSpec): Promise<Example> {
  // Of a table that is built from the routes, whose names are the keys of the hooks.
  const own = await HOOKS[route.name as RouteName]?.(world);
  const { params, body } = schemasOf(route);
  return {
    params: params ? Object(await generate(world, 'ours', params)) : {},
    body: body ? await generate(world, 'ours', body) : undefined,
    ...own,
  };
}

async function generate(world: World, side: Side, schema: NonNullable<RouteSchemas['body']>) {
  const ids = new Map<string, string>();
  for (const prefix of requiredPrefixes(schema)) ids.set(prefix, await makeRow(world, prefix, side));
  return exampleOf(schema, {
    components,
    texts: TEXTS,
    next: () => ++counter,
    id: (prefix) => ids.get(prefix) ?? '',
  });
}

/** Only what an example holds: optional ids are left out of it. */
function requiredPrefixes(schema: NonNullable<RouteSchemas['body']>): string[] {
  const asked = new Set<string>();
  exampleOf(schema, {
    components,
    texts: TEXTS,
    next: () => 0,
    id(prefix) {
      asked.add(prefix);
      return prefix;
    },
  });
  return [...asked];
}

/**
 * A row of its own, by the prefix of its id: by the operation that makes such rows, which is found in the contract.
 * @throws Error where there is none; then ROWS must say how
 */
export async function makeRow(world: World, prefix: string, side: Side): Promise<string> {
  const known = ROWS[prefix];
  if (known) return known(world, world.accounts[side]);
  const route = makerOf(prefix);
  const body = schemasOf(route).body;
  const made = await callAs(
    world,
    side === 'ours' ? 'owner' : 'theirs',
    route.path,
    body ? await generate(world, side, body) : undefined,
  );
  const id = new RegExp(`"(${prefix}_[0-9a-z]{26})"`).exec(JSON.stringify(made))?.[1];
  if (!id) throw new Error(`${route.name} made no ${prefix}_: ${JSON.stringify(made)}`);
  return id;
}

/** The POST above the rows' own addresses, else one whose answer speaks of such ids and whose body does not. */
function makerOf(prefix: string): RouteSpec {
  const speaksOf = (schema: RouteSchemas['body']) => idPrefixes(schema, components).includes(prefix);
  const posts = routeList.filter(({ method, path }) => method === 'POST' && !path.includes(':'));
  const above = posts.find(({ path }) =>
    routeList.some((route) => route.path.startsWith(`${path}/:`) && speaksOf(schemasOf(route).params)),
  );
  const made = posts.find((route) => speaksOf(schemasOf(route).result) && !speaksOf(schemasOf(route).body));
  const found = above ?? made;
  if (!found) throw new Error(`No operation makes rows with ids ${prefix}_: say in ROWS how they are made.`);
  return found;
}

async function callAs(
  world: World,
  who: 'owner' | 'theirs',
  path: string,
  body: unknown,
): Promise<Record<string, unknown>> {
  const token = world.mint(who === 'owner' ? world.principals.owner : world.stranger);
  const response = await fetch(world.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer: unknown = await response.json();
  if (!response.ok) throw new Error(`POST ${path} answered ${response.status}: ${JSON.stringify(answer)}`);
  return Object(answer);
}
