import { closeSync, openSync, writeFileSync } from 'node:fs';
import { Admin, Members, Reconcile, Stager, Tokens } from '@stager/sdk';
import { FAKE_LAYOUT } from '@stager/sdk/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { leavesOf } from './command.ts';
import { commands } from './commands/index.ts';
import { speak } from './testing/inProcess.ts';
import { photoBytes, writePhotos } from './testing/photos.ts';
import { run } from './testing/run.ts';
import { type Bench, setUp } from './testing/setUp.ts';
import { tempDir } from './testing/tempDir.ts';

const leaves = commands.flatMap((entry) => leavesOf(entry));

describe('help', () => {
  test.each(leaves)('$path says what it is for, with examples that name it', async ({ path, spec }) => {
    const { code, stdout, stderr } = await speak([...path.split(' '), '--help'], {});
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`Usage: stager ${path}`);
    expect(stdout).toContain('Global Options:');
    for (const { command } of spec.examples) expect(stdout).toContain(`$ ${command}`);
    expect(
      spec.examples.some(
        ({ command }) => command.includes(`stager ${path.split(' ')[0]}`) || path === 'config path',
      ),
    ).toBe(true);
    const own = stdout.slice(0, stdout.indexOf('Examples:')).split('\n');
    expect(Math.max(...own.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test('the topics', async () => {
    expect((await run(['help', 'exit-codes'])).stdout).toMatch(/130 +interrupted/);
    expect((await run(['help', 'environment'])).stdout).toContain('STAGER_CLIENT_SECRET');
    expect((await run(['help', 'images', 'list'])).stdout).toContain('Usage: stager images list');
    expect((await run(['help', 'nothing'])).code).toBe(2);
  });
});

describe('what is typed wrongly: exit code 2, the mistake and what was meant', () => {
  test.each([
    [['uplaod', 'x'], 'upload'],
    [['images', 'lst'], 'list'],
    [['images', 'list', '--sate', 'ready'], '--state'],
    [['projects'], 'stager projects --help'],
    [['upload'], 'stager upload --help'],
    [['images', 'list', '--limit', '0'], 'from 1'],
    [['images', 'list', '--state', 'done'], 'ready'],
    [['upload', 'x', '--seed', '1.5'], 'whole number'],
    [['images', 'get', 'img_1'], 'img_'],
    [['whoami', 'extra'], 'stager whoami --help'],
    [['config', 'get', 'apiUlr'], 'apiUrl'],
    [['whoami', '--api-url', 'ftp://x'], '--api-url'],
  ])('%j', async (args, hint) => {
    const env = { STAGER_CONFIG_DIR: tempDir() };
    const words = await speak(args, env);
    expect(words.code).toBe(2);
    expect(words.stdout).toBe('');
    expect(words.stderr).toMatch(/^error: /);
    expect(words.stderr).toContain(hint);
    const machine = await speak([...args, '--json'], env);
    expect(machine.code).toBe(2);
    const { error } = JSON.parse(machine.stdout);
    expect(Object.keys(error)).toEqual([
      'code',
      'message',
      'hint',
      'requestId',
      'docsUrl',
      'retryable',
      'next',
    ]);
    expect(`${error.message} ${error.hint}`).toContain(hint);
  });
});

describe('--json: one document, or one a line, on stdout and nothing else', () => {
  // One run of each command that ends well. `stream` is one document a line.
  interface Run {
    readonly args: (ids: Ids) => string[];
    readonly stream?: boolean;
    readonly exit?: number;
    readonly input?: (ids: Ids) => string;
  }
  const runs: Readonly<Record<string, Run>> = {
    logout: { args: () => ['logout'] },
    whoami: { args: () => ['whoami'] },
    upload: { args: () => ['upload', 'photos', '--wait', '--out', 'staged'] },
    'images list': { args: () => ['images', 'list'] },
    'images get': { args: ({ ready }) => ['images', 'get', ready] },
    'images download': { args: ({ ready }) => ['images', 'download', ready, '--out', 'dl'] },
    'images layout get': {
      args: ({ furnished }) => ['images', 'layout', 'get', furnished, '--out', 'l.json'],
    },
    'images layout set': {
      args: ({ furnished }) => ['images', 'layout', 'set', furnished, '-', '--wait'],
      input: () => JSON.stringify(FAKE_LAYOUT),
    },
    'images retry': { args: ({ failed }) => ['images', 'retry', failed] },
    'images cancel': { args: ({ held }) => ['images', 'cancel', held] },
    'images delete': { args: ({ ready }) => ['images', 'delete', ready, '--yes'] },
    tail: { args: () => ['tail', '--exit-status'], stream: true },
    open: { args: ({ ready }) => ['open', ready, '--out', 'sheet.html'] },
    'projects list': { args: () => ['projects', 'list'] },
    'projects create': { args: () => ['projects', 'create', 'New'] },
    'projects rename': { args: ({ project }) => ['projects', 'rename', project, 'Renamed'] },
    'projects delete': { args: ({ project }) => ['projects', 'delete', project, '--yes'] },
    catalog: { args: () => ['catalog'] },
    'tokens create': { args: () => ['tokens', 'create', '--scope', 'images:read'] },
    'tokens list': { args: () => ['tokens', 'list'] },
    'tokens revoke': { args: ({ token }) => ['tokens', 'revoke', token, '--yes'] },
    'members list': { args: () => ['members', 'list'] },
    'members invite': { args: () => ['members', 'invite', 'b@example.com'] },
    'members role': { args: () => ['members', 'role', 'auth0|guest', 'owner'] },
    'members remove': { args: () => ['members', 'remove', 'auth0|guest', '--yes'] },
    'members invitations': { args: () => ['members', 'invitations'] },
    'members uninvite': { args: ({ invitation }) => ['members', 'uninvite', invitation, '--yes'] },
    'members leave': { args: () => ['members', 'leave', '--yes'] },
    'admin accounts list': { args: () => ['admin', 'accounts', 'list'] },
    'admin accounts show': { args: () => ['admin', 'accounts', 'show', OTHER] },
    'admin accounts suspend': {
      args: () => ['admin', 'accounts', 'suspend', OTHER, '--reason', 'unpaid', '--yes'],
    },
    'admin accounts resume': { args: () => ['admin', 'accounts', 'resume', OTHER] },
    'admin accounts usage': { args: () => ['admin', 'accounts', 'usage', OTHER] },
    'admin accounts delete': {
      args: () => ['admin', 'accounts', 'delete', OTHER, '--yes'],
    },
    'admin accounts keep': { args: () => ['admin', 'accounts', 'keep', OTHER], exit: 1 },
    'admin accounts proof': { args: () => ['admin', 'accounts', 'proof', OTHER], exit: 1 },
    'admin accounts deletions': { args: () => ['admin', 'accounts', 'deletions'] },
    'admin stats': { args: () => ['admin', 'stats'] },
    'admin jobs list': { args: () => ['admin', 'jobs', 'list'] },
    'admin jobs show': { args: ({ job }) => ['admin', 'jobs', 'show', job] },
    'admin jobs retry': { args: ({ job }) => ['admin', 'jobs', 'retry', job] },
    // It has ended.
    'admin jobs cancel': { args: ({ job }) => ['admin', 'jobs', 'cancel', job, '--yes'], exit: 1 },
    'admin jobs dead': { args: () => ['admin', 'jobs', 'dead'] },
    'admin jobs replay': { args: ({ job }) => ['admin', 'jobs', 'replay', job, '--yes'] },
    'admin stripe-events list': { args: () => ['admin', 'stripe-events', 'list'] },
    'admin stripe-events retry': { args: () => ['admin', 'stripe-events', 'retry', 'evt_1'], exit: 1 },
    'admin stripe-events ignore': {
      args: () => ['admin', 'stripe-events', 'ignore', 'evt_1', '--reason', 'x', '--yes'],
      exit: 1,
    },
    'admin clients add': { args: () => ['admin', 'clients', 'add', OTHER, 'ci-2', '--name', 'CI'] },
    'admin clients list': { args: () => ['admin', 'clients', 'list', OTHER] },
    'admin clients remove': { args: () => ['admin', 'clients', 'remove', OTHER, 'ci', '--yes'] },
    'admin audit': { args: () => ['admin', 'audit', '--since', '1d'] },
    'billing plans': { args: () => ['billing', 'plans'] },
    'billing status': { args: () => ['billing', 'status'] },
    'billing usage': { args: () => ['billing', 'usage'] },
    'billing checkout': { args: () => ['billing', 'checkout', '--plan', 'pro', '--no-wait'] },
    // Who has bought nothing has none, which is told.
    'billing portal': { args: () => ['billing', 'portal'], exit: 1 },
    'billing invoices': { args: () => ['billing', 'invoices'] },
    // The plan of the fake has none, which is told.
    'billing pay-as-you-go': { args: () => ['billing', 'pay-as-you-go', 'off'], exit: 1 },
    // The fake finds one object that nobody knows.
    reconcile: { args: () => ['reconcile', '--kind', 'orphan_object', '--since', '1d'], exit: 8 },
    'reconcile history': { args: () => ['reconcile', 'history'] },
    'reconcile show': { args: ({ run }) => ['reconcile', 'show', run, '--kind', 'orphan_object'] },
    'reconcile undo': { args: ({ run }) => ['reconcile', 'undo', run, '--yes'] },
    'reconcile cancel': { args: ({ run }) => ['reconcile', 'cancel', run], exit: 1 },
    'reconcile explain': { args: () => ['reconcile', 'explain', 'orphan_object'] },
    join: { args: () => ['join'], input: ({ secret }) => secret },
    // The fake's issuer has no device login, which the doctor tells.
    doctor: { args: () => ['doctor'], exit: 1 },
    'config list': { args: () => ['config', 'list'] },
    'config get': { args: () => ['config', 'get', 'apiUrl'] },
    'config set': { args: () => ['config', 'set', 'concurrency', '4'] },
    'config unset': { args: () => ['config', 'unset', 'concurrency'] },
    'config path': { args: () => ['config', 'path'] },
    'config use': { args: () => ['config', 'use', 'local'] },
  };
  interface Ids {
    readonly furnished: string;
    readonly ready: string;
    readonly failed: string;
    readonly held: string;
    readonly project: string;
    readonly token: string;
    readonly invitation: string;
    readonly secret: string;
    readonly run: string;
    readonly job: string;
  }
  const NONE: Ids = {
    furnished: '',
    ready: '',
    failed: '',
    held: '',
    project: '',
    token: '',
    invitation: '',
    secret: '',
    run: '',
    job: '',
  };

  test('every command is in the table', () => {
    // The login has its own file: it needs an issuer.
    expect(Object.keys(runs).toSorted()).toEqual(
      leaves
        .map(({ path }) => path)
        .filter((path) => path !== 'login')
        .toSorted(),
    );
  });

  test.each(Object.entries(runs))('%s', async (path, { args, stream, exit, input }) => {
    const bench = await setUp({
      outcome: ({ name }) => (name === 'bad.jpg' ? 'error' : name === 'held.jpg' ? 'hold' : 'ready'),
    });
    writePhotos(`${bench.dir}/photos`, ['a.jpg']);
    const ids = await prepare(bench, path);
    const { code, stdout, stderr } = await bench.stager([...args(ids), '--json'], {
      input: input?.(ids) ?? '',
    });
    expect(code, stdout + stderr).toBe(exit ?? 0);
    const documents = stream ? stdout.trim().split('\n') : [stdout];
    for (const document of documents) expect(() => JSON.parse(document)).not.toThrow();
    expect(stdout).not.toContain('\u001b');
    expect(stderr).not.toMatch(/\{"/);
  });

  test.each(Object.entries(runs))('%s, in words', async (path, { args, exit, input }) => {
    const bench = await setUp({
      outcome: ({ name }) => (name === 'bad.jpg' ? 'error' : name === 'held.jpg' ? 'hold' : 'ready'),
    });
    writePhotos(`${bench.dir}/photos`, ['a.jpg']);
    const ids = await prepare(bench, path);
    const { code, stdout, stderr } = input
      ? await bench.stager(args(ids), { input: input(ids) })
      : await bench.speak(args(ids));
    expect(code, stdout + stderr).toBe(exit ?? 0);
    expect(stdout + stderr).toMatch(/[a-z]/i);
    expect(() => JSON.parse(stdout)).toThrow();
    expect(stdout + stderr).not.toContain('\u001b');
    expect(stdout + stderr).not.toMatch(/undefined|\[object|NaN/);
  });

  async function prepare(bench: Bench, path: string): Promise<Ids> {
    if (path === 'config use') {
      await bench.stager(['config', 'set', 'apiUrl', bench.api.url, '--profile', 'local']);
    }
    const client = new Stager({ baseUrl: bench.api.url, token: 'any' });
    if (/^admin jobs\b/.test(path)) {
      const photo = { name: 'bad.jpg', bytes: photoBytes(1) };
      for await (const event of client.stage(photo, { wait: true })) if (event.type === 'done') break;
      const [job] = await new Admin(client).jobs().toArray();
      return { ...NONE, job: job?.id ?? '' };
    }
    if (/^(tokens|members|join|admin)\b/.test(path))
      return { ...NONE, ...(await prepareAccess(bench, client)) };
    if (/^reconcile\b/.test(path)) {
      const { id } = await new Reconcile(client).start();
      await new Reconcile(client).apply(id);
      return { ...NONE, run: id };
    }
    if (!/^(images |projects |open$)/.test(path)) return NONE;
    const { id: project } = await client.projects.create({ name: 'Old' });
    const photos = ['good.jpg', 'bad.jpg'].map((name, i) => ({ name, bytes: photoBytes(i) }));
    for await (const event of client.stage(photos, { wait: true })) if (event.type === 'done') break;
    for await (const event of client.stage({ name: 'held.jpg', bytes: photoBytes(9) })) {
      if (event.type === 'done') break;
    }
    const furnish = { engine: 'furnish', wait: true };
    for await (const event of client.stage({ name: 'furnished.jpg', bytes: photoBytes(7) }, furnish))
      if (event.type === 'done') break;
    const idOf = (name: string) =>
      [...bench.api.state.images.values()].find((image) => image.name === name)?.id ?? '';
    return {
      ...NONE,
      ready: idOf('good.jpg'),
      failed: idOf('bad.jpg'),
      held: idOf('held.jpg'),
      furnished: idOf('furnished.jpg'),
      project,
    };
  }
});

/** Id of the second account of the fake. */
const OTHER = `acc_${'0'.repeat(25)}2`;

async function prepareAccess({ api }: Bench, client: Stager) {
  const [owner] = api.state.members.values();
  const guest = `mem_${'9'.repeat(26)}`;
  if (owner) api.state.members.set(guest, { ...owner, id: guest, principal: 'auth0|guest' });
  const { token } = await new Tokens(client).create({ name: 'CI', scopes: ['images:read'] });
  await new Admin(client).addClient(OTHER, { clientId: 'ci', name: 'CI' });
  const { invitation, secret } = await new Members(client).invite({ email: 'a@example.com' });
  const none = { furnished: '', ready: '', failed: '', held: '', project: '' };
  return { ...none, token: token.id, invitation: invitation.id, secret: secret ?? '' };
}

describe('when it cannot be done', () => {
  test('no login: exit code 4, and how to log in, to the same place', async () => {
    const { code, body } = await (await setUp()).json(['images', 'list', '--profile', 'work'], {
      env: { STAGER_TOKEN: undefined },
    });
    expect(code).toBe(4);
    expect(body).toMatchObject({
      error: { code: 'not_logged_in', next: [{ command: 'stager login --profile work' }, expect.anything()] },
    });
  });

  test('a token that is refused: exit code 4, with the id of the request', async () => {
    const { code, body } = await (await setUp({ acceptToken: () => false })).json(['whoami']);
    expect(code).toBe(4);
    expect(body).toMatchObject({
      error: { code: 'unauthenticated', requestId: expect.stringMatching(/.{8}/) },
    });
  });

  test('nobody listens: exit code 1, and what to look at', async () => {
    const env = { STAGER_API_URL: 'http://127.0.0.1:9', STAGER_TOKEN: 't', STAGER_CONFIG_DIR: tempDir() };
    const { code, stderr, stdout } = await run(['whoami'], { env });
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/Cannot reach http:\/\/127\.0\.0\.1:9[\s\S]*stager doctor/);
  });

  test('settings that are damaged stop what needs them, and not the help', async () => {
    const dir = tempDir();
    writeFileSync(`${dir}/config.json`, '{');
    const env = { STAGER_CONFIG_DIR: dir };
    expect((await run(['whoami'], { env })).code).toBe(2);
    expect((await run(['upload', '--help'], { env })).code).toBe(0);
    expect((await run(['config', 'path'], { env })).stdout.trim()).toBe(dir);
  });

  test('an answer of one of several ids fails alone: exit code 1', async () => {
    const bench = await setUp();
    const [one, none] = [`img_${'0'.repeat(25)}2`, `img_${'0'.repeat(25)}3`];
    const { code, body } = await bench.json(['images', 'retry', one, none]);
    expect(code).toBe(1);
    expect(body).toMatchObject({
      results: [
        { id: one, ok: false, error: { code: 'not_found' } },
        { id: none, ok: false },
      ],
    });
  });

  test('nobody to answer a question: exit code 2, nothing is deleted', async () => {
    const bench = await setUp();
    await bench.stager(['projects', 'create', 'Elm']);
    const { code, stderr } = await bench.stager(['projects', 'delete', 'Elm']);
    expect(code).toBe(2);
    expect(stderr).toContain('--yes');
    expect(bench.api.state.projects.size).toBe(1);
  });
});

describe('output', () => {
  test('names from the server cannot send commands to the terminal', async () => {
    const bench = await setUp();
    const evil = 'hall\u001b]0;owned\u0007\u009b31m\r\nerror: x.jpg';
    const project = bench.api.state.id('prj');
    bench.api.state.projects.set(project, {
      id: project,
      name: evil,
      createdAt: new Date().toISOString(),
      updatedAt: new Date().toISOString(),
    });
    const { stdout } = await bench.stager(['projects', 'list']);
    expect(stdout).toContain('hall');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not get through
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    expect(stdout.trim().split('\n')).toHaveLength(2);
    const json = await bench.stager(['projects', 'list', '--json']);
    expect(JSON.parse(json.stdout)[0].name).toBe(evil);
    expect(json.stdout).not.toContain('\u009b');
  });

  test('a pipe gets no colour unless it is asked for', async () => {
    const bench = await setUp();
    expect((await bench.stager(['whoami'])).stdout).not.toContain('\u001b');
    expect((await bench.stager(['whoami'], { env: { FORCE_COLOR: '1' } })).stdout).toContain('\u001b[1m');
  });

  test('a reader that has gone is no failure and no stack trace', async () => {
    const bench = await setUp();
    for (let i = 0; i < 3; i += 1) await bench.stager(['projects', 'create', `P${i}`]);
    const { code, stderr } = await bench.stager(['projects', 'list'], {
      onOutput: (child) => child.stdout?.destroy(),
    });
    expect(code).toBe(0);
    expect(stderr.replace(/^(Building stager|built cli).*\n/gm, '')).toBe('');
  });

  test('a reader that goes while there is work left does not end the work', async () => {
    const bench = await setUp();
    writePhotos(`${bench.dir}/photos`, ['a.jpg']);
    const { code } = await bench.stager(['upload', 'photos', '--wait'], {
      onOutput: (child) => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      },
    });
    expect(code).toBe(0);
    expect([...bench.api.state.images.values()].map(({ state }) => state)).toEqual(['ready']);
  });

  test.skipIf(process.platform !== 'linux').each(['stdoutTo', 'stderrTo'] as const)(
    'output that cannot be written is a failure in a sentence: %s',
    async (which) => {
      const bench = await setUp();
      const full = openSync('/dev/full', 'w');
      onTestFinished(() => closeSync(full));
      const args = which === 'stdoutTo' ? ['whoami'] : ['images', 'get', 'x'];
      const { code, stderr } = await bench.stager(args, { [which]: full });
      expect(code).toBe(1);
      if (which === 'stdoutTo') expect(stderr).toContain('error: stdout cannot be written (ENOSPC).');
      expect(stderr).not.toMatch(/\n +at /);
    },
  );

  test('lists follow the pages and stop at --limit', async () => {
    const bench = await setUp();
    const now = new Date().toISOString();
    for (let i = 0; i < 130; i += 1) {
      const id = bench.api.state.id('prj');
      bench.api.state.projects.set(id, { id, name: `P${i}`, createdAt: now, updatedAt: now });
    }
    const { body } = await bench.json(['projects', 'list', '--limit', '120']);
    expect(body).toHaveLength(120);
    expect((await bench.stager(['projects', 'list', '--limit', '5'])).stdout).toContain('--limit 10');
  });
});
