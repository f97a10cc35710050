import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliResult, runCli, stagerBin } from '../support/cli.ts';
import { cleanEnv, makeTempDir, repoRoot, startTestStack, type TestStack } from '../support/stack.ts';

const PHOTOS = join(repoRoot, 'examples/photos');

let stack: TestStack;
let dir: string;

beforeAll(async () => {
  stack = await startTestStack();
  dir = makeTempDir('stager-layout');
});
afterAll(async () => {
  await stack.stop();
  rmSync(dir, { recursive: true, force: true });
});

const stager = async (...args: string[]): Promise<CliResult> =>
  runCli(args, {
    cwd: dir,
    env: {
      STAGER_API_URL: stack.apiUrl,
      STAGER_TOKEN: await stack.token(),
      STAGER_CONFIG_DIR: join(dir, 'config'),
    },
  });

/** As in a terminal; undefined where no program makes one. */
async function inTerminal(term: string, ...args: string[]): Promise<string | undefined> {
  const command = [process.execPath, stagerBin, ...args].map((word) => `'${word}'`).join(' ');
  const { status, stdout } = spawnSync('script', ['-qec', command, '/dev/null'], {
    cwd: dir,
    encoding: 'utf8',
    env: {
      ...cleanEnv(),
      TERM: term,
      CI: '',
      NO_COLOR: '',
      STAGER_API_URL: stack.apiUrl,
      STAGER_TOKEN: await stack.token(),
      STAGER_CONFIG_DIR: join(dir, 'config'),
    },
  });
  if (status === 0) return stdout;
  process.stderr.write('Pictures in a terminal are not looked at: there is no `script` of util-linux.\n');
  return undefined;
}

const LAYOUT = ['--engine', 'layout', '--style', 'scandinavian', '--room', 'living_room'];
const PREVIEW = ['--param', 'quality=preview', '--param', 'longEdge=640'];

test('an empty room whose floor is marked is furnished, labelled and comes back with all that belongs to it', async () => {
  const out = join(dir, 'staged');
  const photo = join(PHOTOS, '02-bedroom.jpg');
  const { floor_polygon_px: corners } = JSON.parse(
    readFileSync(join(PHOTOS, '02-bedroom.camera.json'), 'utf8'),
  );
  const floor = corners.map(([x, y]: [number, number]) => `${Math.max(0, x)},${Math.max(0, y)}`).join(';');
  const how = [...LAYOUT, ...PREVIEW, '--floor', floor, '--variations', '2'];
  const result = await stager('upload', photo, ...how, '--wait', '--out', out);
  expect(result.code, result.stderr).toBe(0);
  const files = readdirSync(out);
  for (const name of [
    'staged.jpg',
    'finished.jpg',
    'mask.png',
    'depth.png',
    'lines.png',
    'layout.json',
    'report.json',
  ])
    expect(files).toContain(`02-bedroom.${name}`);
  expect(files).toContain('02-bedroom.staged.2.jpg');
  const report = JSON.parse(readFileSync(join(out, '02-bedroom.report.json'), 'utf8'));
  expect(report).toMatchObject({ kind: 'layout preview', guarantee: { holds: true } });
  expect(report.geometry.floor.from).toBe('marked');
  const layout = JSON.parse(readFileSync(join(out, '02-bedroom.layout.json'), 'utf8'));
  expect(layout.pieces.map(({ kind }: { kind: string }) => kind)).toContain('sofa');
  const { width, xmp } = await sharp(join(out, '02-bedroom.staged.jpg')).metadata();
  expect(width).toBe(640);
  expect(xmp?.toString('utf8')).toContain('digitalsourcetype/composite');
  const [one, other] = ['staged', 'staged.2'].map((name) =>
    readFileSync(join(out, `02-bedroom.${name}.jpg`)),
  );
  expect(one?.equals(other ?? Buffer.alloc(0))).toBe(false);
});

test('a photo that cannot be furnished fails alone, with its reason and what helps', async () => {
  const small = join(dir, 'small.jpg');
  await sharp(join(PHOTOS, '02-bedroom.jpg')).resize(200).toFile(small);
  const out = join(dir, 'refused');
  const result = await stager('upload', small, ...LAYOUT, ...PREVIEW, '--wait', '--out', out, '--json');
  expect(result.code, result.stderr).toBe(1);
  expect(result.stdout).toContain('geometry_uncertain');
  expect(result.stdout).toContain('--floor');
  expect(existsSync(out) ? readdirSync(out) : []).toEqual([]);
});

test('the catalog tells of it, and it is what works by itself', async () => {
  const { stdout } = await stager('catalog', '--json');
  const { defaultEngine, engines, styles } = JSON.parse(stdout);
  expect(defaultEngine).toBe('layout');
  const layout = engines.find(({ name }: { name: string }) => name === 'layout');
  expect(layout.description).toMatch(/^A layout preview/);
  expect(layout.rooms).toContain('living_room');
  expect(styles.map(({ name }: { name: string }) => name)).toContain('scandinavian');
});

test('a layout is edited and rendered again: unchanged to the same bytes, changed as it says, wrong not at all', async () => {
  const photo = join(PHOTOS, '02-bedroom.jpg');
  const made = await stager('upload', photo, ...LAYOUT, ...PREVIEW, '--seed', '9', '--wait', '--json');
  const [{ images }] = JSON.parse(made.stdout).files;
  const id: string = images[0].id;
  const get = async (image: string) =>
    JSON.parse((await stager('images', 'get', image, '--json')).stdout) as {
      state: string;
      outputs: { name: string; sha256: string }[];
    };
  const sha256Of = async (image: string) =>
    (await get(image)).outputs.find(({ name }) => name === 'staged')?.sha256;
  const shown = await inTerminal('xterm-kitty', 'images', 'get', id);
  if (shown !== undefined) expect(shown).toContain('\u001b_Ga=T,f=100,q=2');
  const file = join(dir, 'layout.json');
  expect((await stager('images', 'layout', 'get', id, '--out', file)).code).toBe(0);
  const set = async () => {
    const result = await stager('images', 'layout', 'set', id, file, '--wait', '--json');
    return { code: result.code, image: JSON.parse(result.stdout) };
  };

  const same = await set();
  expect(same.image).toMatchObject({
    state: 'ready',
    roomType: 'living_room',
    style: 'scandinavian',
    seed: 9,
  });
  expect(same.image.id).not.toBe(id);
  expect(await sha256Of(same.image.id)).toBe(await sha256Of(id));

  const layout = JSON.parse(readFileSync(file, 'utf8'));
  const [sofa] = layout.pieces;
  writeFileSync(file, JSON.stringify({ ...layout, pieces: [sofa] }));
  const edited = await set();
  expect(edited.code).toBe(0);
  expect(await sha256Of(edited.image.id)).not.toBe(await sha256Of(id));
  const kept = await stager('images', 'layout', 'get', edited.image.id);
  expect(JSON.parse(kept.stdout).pieces).toEqual([sofa]);

  writeFileSync(file, JSON.stringify({ ...layout, pieces: [sofa, sofa] }));
  const wrong = await set();
  expect(wrong.code).toBe(1);
  expect(wrong.image.error).toMatchObject({ code: 'layout_invalid' });
  expect(wrong.image.error.message).toContain('(pieces[1])');
  expect((await get(id)).state).toBe('ready');
});
