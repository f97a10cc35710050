import { afterEach, beforeEach, expect, test } from 'vitest';
import { Problem } from '../../../server/src/contract/errors.ts';
import { type RouteName, routeList, routes, StreamEvent } from '../../../server/src/contract/index.ts';
import { Stager } from '../client.ts';
import { operations } from '../generated/operations.ts';
import { Admin } from '../resources/admin.ts';
import { Billing } from '../resources/billing.ts';
import { Members } from '../resources/members.ts';
import { Reconcile } from '../resources/reconcile.ts';
import { Tokens } from '../resources/tokens.ts';
import { collect, fakeJpeg } from '../testSupport.ts';
import { handlers } from './handlers.ts';
import { FAKE_CATALOG, type FakeApi, startFakeApi } from './index.ts';

let api: FakeApi;
/** What is queued stays so. */
let holding = false;
beforeEach(async () => {
  api = await startFakeApi({
    stepMs: 1,
    pingMs: 20,
    outcome: (image) => (holding ? 'hold' : image.seed === 13 ? 'error' : 'ready'),
  });
});
afterEach(() => api.close());

const seen = new Set<string>();

/** A client whose every answer is held against the contract. */
function checkedClient(): Stager {
  return new Stager({
    baseUrl: api.url,
    token: 't',
    middleware: [
      async (request, next) => {
        const response = await next(request);
        const { pathname } = new URL(request.url);
        const route = routeList.find(
          ({ method, path }) =>
            method === request.method && new RegExp(`^${path.replaceAll(/:\w+/g, '[^/]+')}$`).test(pathname),
        );
        if (!route) throw new Error(`no route for ${request.method} ${pathname}`);
        if (response.headers.get('content-type')?.startsWith('text/event-stream')) return response;
        const text = await response.clone().text();
        if (response.ok) {
          expect(response.status, route.name).toBe(route.success.status);
          if (route.success.schema) route.success.schema.parse(JSON.parse(text));
          else expect(text).toBe('');
          seen.add(route.name);
        } else {
          const problem = Problem.parse(JSON.parse(text));
          expect(problem.status).toBe(response.status);
          expect(response.headers.get('content-type')).toContain('application/problem+json');
        }
        return response;
      },
    ],
  });
}

test('every operation that the fake knows is answered as the contract says', async () => {
  const stager = checkedClient();
  await stager.me();
  await stager.authConfig();
  await stager.catalog();
  await stager.health();
  await stager.request('getLiveness');
  const { id: projectId } = await stager.projects.create({ name: 'Listing' });
  await stager.projects.get(projectId);
  await stager.projects.update(projectId, { name: 'Renamed' });
  await stager.projects.list({ limit: 1 }).toArray();
  const bytes = fakeJpeg(1);
  const ids: string[] = [];
  for (const seed of [1, 13]) {
    for await (const event of stager.stage(
      { name: 'a.jpg', bytes },
      { project: projectId, seed, wait: true },
    )) {
      if (event.type === 'created') ids.push(event.imageId);
    }
  }
  const [ready = '', failed = ''] = ids;
  await stager.images.get(ready);
  await stager.images.downloads(ready);
  await stager.images.list({ projectId, limit: 1 }).toArray();
  await stager.images.retry(failed);
  await stager.images.cancel(failed);
  await stager.images.delete(ready);
  await stager.images.delete(failed);
  await stager.projects.delete(projectId);
  for (const call of [
    () => stager.projects.get(projectId),
    () => stager.projects.create({ name: '' }),
    () => stager.images.list({ cursor: 'x' }).page(),
    () => stager.uploads.create([{ sha256: '0'.repeat(64), size: 1, contentType: 'image/gif' }]),
    () => stager.images.create({ items: [{ originalId: `org_${'0'.repeat(26)}` }] }),
    () => stager.images.create({ items: [], projectId: `prj_${'0'.repeat(26)}` }),
  ]) {
    await call().catch(() => undefined);
  }
  await useAccess(stager);
  await useAdmin(stager, new Admin(stager));
  await useBilling(new Billing(stager));
  await useReconcile(new Reconcile(stager));
  expect([...seen].sort()).toEqual(Object.keys(handlers).sort());
});

async function useBilling(billing: Billing): Promise<void> {
  await billing.plans();
  await billing.status();
  await billing.usage({ limit: 1 }).toArray();
  await expect(billing.setPayAsYouGo({ enabled: true })).rejects.toThrow('no pay-as-you-go');
  api.state.plan = 'pro';
  await billing.setPayAsYouGo({ enabled: true, cap: 5 });
  await billing.checkout('business');
  await billing.portal();
  await billing.invoices({ limit: 1 }).toArray();
  api.state.plan = 'free';
  await expect(billing.portal()).rejects.toMatchObject({ code: 'invalid_state' });
}

async function useAccess(stager: Stager): Promise<void> {
  const tokens = new Tokens(stager);
  const members = new Members(stager);
  const { token } = await tokens.create({ name: 'CI', scopes: ['images:read'] });
  await tokens.list({ limit: 1 }).toArray();
  await tokens.revoke(token.id);
  const first = await members.invite({ role: 'owner', email: 'a@example.com' });
  const { member } = await members.join(first.secret ?? '');
  const second = await members.invite();
  await members.revokeInvitation(second.invitation.id);
  await members.invitations({ limit: 1 }).toArray();
  await members.setRole(member.id, 'member');
  await members.list({ limit: 1 }).toArray();
  for (const refused of [
    () => members.leave(),
    () => members.join(first.secret ?? ''),
    () => members.revokeInvitation(second.invitation.id),
    () => members.remove(`mem_${'9'.repeat(26)}`),
  ]) {
    await expect(refused()).rejects.toMatchObject({ status: expect.any(Number) });
  }
  await members.setRole(member.id, 'owner');
  await members.leave();
  await expect(members.leave()).rejects.toMatchObject({ code: 'no_account' });
  const third = await members.invite();
  const { member: guest } = await members.join(third.secret ?? '');
  await members.remove(guest.id);
}

async function useReconcile(reconcile: Reconcile): Promise<void> {
  const run = await reconcile.start({ kinds: ['orphan_object'] });
  expect(run).toMatchObject({ state: 'scanned', counts: { orphan_object: 1 } });
  expect(await reconcile.findings(run.id, { kind: 'orphan_object' }).toArray()).toMatchObject([
    { state: 'open' },
  ]);
  expect((await reconcile.apply(run.id)).outcome.applied).toBe(1);
  await expect(reconcile.apply(run.id)).rejects.toMatchObject({ code: 'invalid_state' });
  expect((await reconcile.undo(run.id)).state).toBe('undone');
  const deep = await reconcile.start({ deep: true });
  expect((await reconcile.cancel(deep.id)).state).toBe('canceled');
  await expect(reconcile.cancel(deep.id)).rejects.toMatchObject({ code: 'invalid_state' });
  expect(await reconcile.run(deep.id)).toMatchObject({ state: 'canceled' });
  expect((await reconcile.runs().toArray()).map(({ id }) => id)).toEqual([deep.id, run.id]);
}

async function useAdmin(stager: Stager, admin: Admin): Promise<void> {
  const [other, own] = await admin.accounts({ limit: 1 }).toArray();
  const id = other?.id ?? '';
  await admin.account(id);
  expect((await admin.suspend(id, 'unpaid')).suspendedAt).not.toBeNull();
  expect(await admin.accounts({ state: 'suspended' }).toArray()).toHaveLength(1);
  expect((await admin.resume(id)).suspendedAt).toBeNull();
  const client = await admin.addClient(id, { clientId: 'ci', name: 'CI' });
  expect(await admin.clients(id).toArray()).toEqual([client]);
  await expect(admin.addClient(own?.id ?? '', { clientId: 'ci', name: 'CI' })).rejects.toMatchObject({
    code: 'already_member',
  });
  await admin.removeClient(id, client.id);
  await expect(admin.removeClient(id, client.id)).rejects.toMatchObject({ code: 'not_found' });
  await expect(admin.suspend(own?.id ?? '', 'x')).rejects.toMatchObject({ code: 'invalid_state' });
  expect(await admin.usage(id)).toMatchObject({ accountId: id, units: 0 });
  await useJobs(stager, admin, own?.id ?? '');
  api.state.stripeEvents.set('evt_1', {
    id: 'evt_1',
    type: 'invoice.paid',
    customerId: null,
    state: 'parked',
    attempts: 12,
    detail: 'lacks a field',
    createdAt: '2026-01-01T00:00:00.000Z',
    receivedAt: '2026-01-01T00:00:00.000Z',
    endedAt: null,
  });
  expect(await admin.stripeEvents().toArray()).toHaveLength(1);
  expect((await admin.payments()).events).toMatchObject({ parked: 1, received: 0 });
  await admin.ignoreStripeEvent('evt_1', 'of another shop');
  await admin.retryStripeEvent('evt_1');
  await useDeletion(admin, id, own?.id ?? '');
  const acts = await admin.audit({ account: id, since: '2026-01-01T00:00:00.000Z' }).toArray();
  expect(acts.map(({ action }) => action)).toEqual([
    'account.keep',
    'account.delete',
    'client.remove',
    'client.register',
    'account.resume',
    'account.suspend',
  ]);
  expect(await admin.audit({ object: client.id, action: 'client.register' }).toArray()).toHaveLength(1);
  expect(await admin.audit({ principal: 'auth0|nobody' }).toArray()).toEqual([]);
}

async function useDeletion(admin: Admin, id: string, own: string): Promise<void> {
  const { name } = await admin.account(id);
  await expect(admin.deletion(id)).rejects.toMatchObject({ code: 'not_found' });
  await expect(admin.delete(id, { name: 'x' })).rejects.toMatchObject({ code: 'invalid_request' });
  await expect(admin.delete(own, { name: 'Fake' })).rejects.toMatchObject({ code: 'invalid_state' });
  const ordered = await admin.delete(id, { name, graceDays: 7 });
  expect(await admin.delete(id, { name })).toEqual(ordered);
  await expect(admin.resume(id)).rejects.toMatchObject({ code: 'invalid_state' });
  expect((await admin.keep(id)).state).toBe('canceled');
  api.state.deletions.set(id, { ...ordered, state: 'done' });
  await expect(admin.keep(id)).rejects.toMatchObject({ code: 'invalid_state' });
  expect((await admin.deletion(id)).state).toBe('done');
  expect(await admin.deletions({ limit: 1 }).toArray()).toMatchObject([{ accountId: id, state: 'done' }]);
}

async function useJobs(stager: Stager, admin: Admin, own: string): Promise<void> {
  holding = true;
  const [originalId = ''] = api.state.originals.keys();
  const made = await stager.images.create({ items: [{ originalId }] });
  const [first] = made.results;
  api.finish(first?.status === 'ok' ? (first.images[0]?.id ?? '') : '', 'error');
  const { images, failures } = await admin.stats();
  expect(failures?.dead).toBe(images?.error);
  expect((await admin.usage(own)).images).toEqual(images);
  const all = await admin.jobs({ account: own, limit: 1 }).toArray();
  const [dead] = await admin.deadLetters({ account: own, limit: 1 }).toArray();
  if (!dead) throw new Error('nothing has failed');
  expect(await admin.job(dead.jobId)).toMatchObject({ state: 'dead', imageId: dead.imageId });
  expect(all.map(({ id }) => id)).toContain(dead.jobId);
  const { results } = await admin.replay([dead.jobId, dead.jobId, `job_${'9'.repeat(26)}`]);
  expect(results.map((result) => (result.status === 'queued' ? result.imageId : result.error.code))).toEqual([
    dead.imageId,
    'invalid_state',
    'not_found',
  ]);
  expect((await admin.cancelJob(dead.jobId)).imageState).toBe('canceled');
  expect((await admin.retryJob(dead.jobId)).imageState).toBe('queued');
  await admin.cancelJob(dead.jobId);
  await expect(admin.cancelJob(dead.jobId)).rejects.toMatchObject({ code: 'invalid_state' });
  await expect(admin.job(`job_${'9'.repeat(26)}`)).rejects.toMatchObject({ code: 'not_found' });
  const elsewhere = `acc_${'0'.repeat(25)}2`;
  expect(await admin.jobs({ account: elsewhere }).toArray()).toEqual([]);
  expect(await admin.deadLetters({ account: elsewhere }).toArray()).toEqual([]);
  expect(await admin.deadLetters({ code: 'other' }).toArray()).toEqual([]);
  holding = false;
}

test('a token that the fake has made does what it may, until it is revoked', async () => {
  const stager = checkedClient();
  const { token, secret } = await new Tokens(stager).create({
    name: 'CI',
    scopes: ['account:read', 'images:read'],
  });
  const byToken = new Stager({ baseUrl: api.url, token: secret ?? '' });
  expect(await byToken.me()).toMatchObject({
    scopes: ['account:read', 'images:read'],
    credential: { kind: 'token', id: token.id },
    expiresAt: token.expiresAt,
  });
  await expect(byToken.projects.list().page()).rejects.toMatchObject({
    code: 'insufficient_scope',
    scope: 'projects:read',
  });
  await new Tokens(stager).revoke(token.id);
  await expect(byToken.me()).rejects.toMatchObject({ code: 'unauthenticated' });
});

test('a secret is shown once: the repeat of a request says so', async () => {
  const stager = checkedClient();
  const body = { name: 'CI', scopes: ['images:read' as const] };
  const first = await new Tokens(stager).create(body, { idempotencyKey: 'once' });
  const again = await new Tokens(stager).create(body, { idempotencyKey: 'once' });
  expect(first).toMatchObject({ secret: expect.stringMatching(/^stgp_/), secretStatus: 'shown' });
  expect(again).toEqual({ token: first.token, secret: null, secretStatus: 'shown_before' });
  // What the client does by itself when an answer is lost.
  api.failNext({ operation: 'createToken', cutAfterEffect: true });
  expect(await new Tokens(stager).create(body)).toMatchObject({ secret: null, secretStatus: 'shown_before' });
});

test('its events are those of the contract', async () => {
  const stager = checkedClient();
  const types = new Set<string>();
  const stream = stager.events({ lastEventId: '99', pings: true });
  const first = stager.stage({ name: 'a.jpg', bytes: fakeJpeg(1) }, { seed: 13, wait: true });
  await collect(first);
  const ids = [...api.state.images.keys()];
  await stager.images.retry(ids[0] ?? '');
  await stager.images.cancel(ids[0] ?? '').catch(() => undefined);
  await collect(stager.stage({ name: 'a.jpg', bytes: fakeJpeg(1) }, { wait: true }));
  for (const id of api.state.images.keys()) await stager.images.delete(id).catch(() => undefined);
  for await (const { id: _id, ...event } of stream) {
    StreamEvent.parse(event);
    types.add(event.type);
    if (event.type === 'ping') break;
  }
  for await (const { id: _id, ...event } of stager.events({ lastEventId: '0', pings: true })) {
    StreamEvent.parse(event);
    types.add(event.type);
    if (event.type === 'ping') break;
  }
  expect([...types]).toEqual(
    expect.arrayContaining([
      'reset',
      'snapshot',
      'ping',
      'image.queued',
      'image.processing',
      'image.progress',
      'image.ready',
      'image.error',
      'image.deleted',
    ]),
  );
});

test('its catalog is one', () => {
  routes.getCatalog.success.schema.parse(FAKE_CATALOG);
});

test('the operation table is that of the routes', () => {
  const names: RouteName[] = Object.keys(operations) as RouteName[];
  expect(names.sort()).toEqual(routeList.map(({ name }) => name).sort());
  for (const route of routeList) {
    const operation = Object.entries(operations).find(([name]) => name === route.name)?.[1];
    expect(operation).toMatchObject({
      method: route.method,
      scope: route.scope,
      status: route.success.status,
      body: route.body !== undefined,
      idempotent: route.idempotent ?? null,
      stream: route.success.stream !== undefined,
    });
    expect(operation?.query).toEqual(Object.keys(route.query?.shape ?? {}));
  }
});

test('a repeated key is answered from store, and refused for another body', async () => {
  const stager = checkedClient();
  const options = { idempotencyKey: 'key-1' };
  const first = await stager.projects.create({ name: 'Twice' }, options).withResponse();
  const again = await stager.projects.create({ name: 'Twice' }, options).withResponse();
  expect(again.data).toEqual(first.data);
  expect([first.response.replayed, again.response.replayed]).toEqual([false, true]);
  await expect(stager.projects.create({ name: 'Other' }, options)).rejects.toMatchObject({
    code: 'idempotency_key_reused',
  });
});

test('what is not there is a problem, and latency is what was set', async () => {
  const answer = await fetch(`${api.url}/v1/nothing`);
  expect(answer.status).toBe(404);
  Problem.parse(await answer.json());
  expect((await fetch(`${api.url}/issuer/else`)).status).toBe(404);
  expect((await fetch(`${api.url}/store/objects/else`)).status).toBe(404);
  api.setLatency(50);
  const started = performance.now();
  await checkedClient().health();
  expect(performance.now() - started).toBeGreaterThan(45);
  expect(() => api.finish('img_x')).toThrow('no image');
});
