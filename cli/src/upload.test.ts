import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { writePhotos } from './testing/photos.ts';
import { setUp } from './testing/setUp.ts';

const NAMES = ['photo-1.jpg', 'photo-2.jpg', 'photo-10.jpg', 'up/photo-1.jpg'];

function filesIn(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1))
    .sort();
}

interface UploadDocument {
  readonly dryRun: boolean;
  readonly project: { name: string; created: boolean } | null;
  readonly summary: Record<string, number>;
  readonly files: readonly {
    file: string;
    status: string;
    images: { id: string; state: string }[];
    error: unknown;
  }[];
  readonly next: readonly { command: string; when: string }[];
}

const documentOf = (stdout: string): UploadDocument => JSON.parse(stdout);

describe('stager upload', () => {
  test('sends a folder, waits, and saves the results by name', async () => {
    const { api, dir, stager } = await setUp();
    writePhotos(`${dir}/photos`, NAMES);
    const { code, stdout, stderr } = await stager([
      'upload',
      'photos',
      '--wait',
      '--out',
      'staged',
      '--project',
      'Elm 42',
    ]);
    expect(code, stderr).toBe(0);
    expect(filesIn(`${dir}/staged`)).toEqual([
      'photo-1.finished.jpg',
      'photo-10.finished.jpg',
      'photo-2.finished.jpg',
      'up/photo-1.finished.jpg',
    ]);
    expect(stdout).toContain('4 images are ready');
    expect(stderr).toContain('Created the project Elm 42');
    expect([...api.state.projects.values()].map(({ name }) => name)).toEqual(['Elm 42']);
  });

  test('off a terminal: a few lines, no escape codes', async () => {
    const { dir, stager } = await setUp();
    writePhotos(
      `${dir}/photos`,
      Array.from({ length: 20 }, (_, i) => `p${i}.jpg`),
    );
    const { stderr } = await stager(['upload', 'photos', '--wait']);
    expect(stderr).toContain('Found 20 files');
    expect(stderr).toContain('Uploaded 100 %');
    expect(stderr).toContain('Finished 100 % (20 of 20)');
    expect(stderr).not.toContain('\u001b');
    expect(stderr.split('\n').length).toBeLessThan(15);
  });

  test('run again, it sends nothing and makes nothing', async () => {
    const { api, dir, stager } = await setUp();
    writePhotos(`${dir}/photos`, NAMES);
    const args = ['upload', 'photos', '--wait', '--out', 'staged', '--project', 'elm 42', '--json'];
    await stager(args);
    const images = api.state.images.size;
    const before = api.requests.length;
    const again = documentOf((await stager(args)).stdout);
    expect(api.state.images.size).toBe(images);
    expect(api.requests.slice(before).filter(({ operation }) => operation === 'storePut')).toEqual([]);
    expect(again.summary).toMatchObject({
      uploaded: 0,
      existing: 4,
      reused: 4,
      ready: 4,
      downloaded: 0,
      unchanged: 4,
    });
    expect(again.project).toMatchObject({ created: false });
    expect(again.files.map(({ file }) => file)).toEqual(NAMES);
  });

  test('without --wait it tells the ids and how to follow them', async () => {
    const { dir, stager } = await setUp({ outcome: () => 'hold' });
    writePhotos(`${dir}/photos`, NAMES);
    const { code, stdout } = await stager(['upload', 'photos']);
    expect(code).toBe(0);
    expect(stdout.match(/img_\w+/g)).toHaveLength(4);
    expect(stdout).toContain('stager tail --exit-status');
  });

  test('with --wait and no --out it tells how to get the results', async () => {
    const { dir, stager } = await setUp();
    writePhotos(`${dir}/photos`, ['a.jpg']);
    const { stdout } = await stager(['upload', 'photos', '--wait']);
    expect(stdout).toContain('stager upload photos --wait --out ./staged');
  });

  test('a dry run looks at every file and sends nothing', async () => {
    const { api, dir, stager } = await setUp();
    writePhotos(`${dir}/photos`, ['a.jpg']);
    writeFileSync(`${dir}/photos/empty.jpg`, '');
    writeFileSync(`${dir}/photos/page.jpg`, '<html></html>');
    writeFileSync(`${dir}/photos/notes.txt`, 'text');
    const { code, stdout, stderr } = await stager(['upload', 'photos', '--dry-run', '--project', 'New']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/send +a\.jpg +2\.0 kB/);
    expect(stdout).toMatch(/refused +empty\.jpg/);
    expect(stdout).toMatch(/refused +page\.jpg/);
    expect(stdout).toMatch(/left out +notes\.txt/);
    expect(stdout).toContain('Nothing was sent.');
    expect(stderr).toContain('New would be created');
    expect(api.state.projects.size).toBe(0);
    expect(api.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
  });
});

describe('what goes wrong', () => {
  test('one bad file fails alone: exit code 1, its reason, and the others are ready', async () => {
    const { dir, stager } = await setUp();
    writePhotos(`${dir}/photos`, ['a.jpg', 'b.jpg']);
    writeFileSync(`${dir}/photos/empty.jpg`, '');
    const { code, stdout, stderr } = await stager(['upload', 'photos', '--wait', '--out', 'staged']);
    expect(code).toBe(1);
    expect(stderr).toContain('✗ empty.jpg: ');
    expect(stdout).toMatch(/1 failed:\n +empty\.jpg/);
    expect(filesIn(`${dir}/staged`)).toHaveLength(2);
  });

  test('an image that fails: exit code 1 and the command that tries it again', async () => {
    const { api, dir, stager } = await setUp({
      outcome: ({ name }) => (name === 'b.jpg' ? 'error' : 'ready'),
    });
    writePhotos(`${dir}/photos`, ['a.jpg', 'b.jpg']);
    const { code, stdout } = await stager(['upload', 'photos', '--wait', '--json']);
    expect(code).toBe(1);
    const failed = [...api.state.images.values()].find(({ name }) => name === 'b.jpg');
    expect(documentOf(stdout).next).toContainEqual({
      command: `stager images retry ${failed?.id}`,
      when: 'to try the failed images again',
    });
  });

  test('paths that are not there: exit code 2, all of them named, nothing made', async () => {
    const { api, dir, stager } = await setUp();
    writePhotos(dir, ['a.jpg']);
    const { code, stderr } = await stager(['upload', 'a.jpg', 'b.jpg', 'nowhere', '--project', 'New']);
    expect(code).toBe(2);
    expect(stderr).toContain('b.jpg');
    expect(stderr).toContain('nowhere');
    expect(api.requests).toEqual([]);
  });

  test('a folder without photos: exit code 2', async () => {
    const { dir, stager } = await setUp();
    mkdirSync(`${dir}/photos`);
    writeFileSync(`${dir}/photos/notes.txt`, 'text');
    const { code, stderr } = await stager(['upload', 'photos']);
    expect(code).toBe(2);
    expect(stderr).toContain('no photos in photos');
  });

  test.each([
    [['--style', 'modern'], 'takes no style'],
    [['--engine', 'furnish', '--style', 'modren'], '--style modern'],
    [['--engine', 'furnish', '--room', 'bedrom'], '--room bedroom'],
    [['--engine', 'furnsh'], '--engine furnish'],
    [['--engine', 'furnish', '--variations', '9'], '1 to 4'],
    [['--param', 'longEdge=9'], 'no option "longEdge"'],
    [['--engine', 'furnish', '--param', 'pieces=3', '--param', 'clutter=7'], 'a number from 0 to 1'],
    [['--param', 'longEdge'], 'NAME=VALUE'],
    [['--quality', 'best'], 'preview, final'],
    [['--label', 'none'], 'on-image, caption'],
    [['--label', 'caption'], 'no option "label"'],
  ])('%j is refused before a byte is sent', async (choice, hint) => {
    const { api, dir, stager } = await setUp();
    writePhotos(`${dir}/photos`, ['a.jpg']);
    const { code, stderr } = await stager(['upload', 'photos', ...choice]);
    expect(code).toBe(2);
    expect(stderr).toContain(hint);
    expect(api.requests.filter(({ operation }) => operation !== 'getCatalog')).toEqual([]);
  });

  test('Ctrl-C in the middle: exit code 130, no part of a file, and the same command goes on', async () => {
    const { api, dir, stager } = await setUp({ stepMs: 40 });
    writePhotos(
      `${dir}/photos`,
      Array.from({ length: 16 }, (_, i) => `p${i}.jpg`),
    );
    const args = ['upload', 'photos', '--wait', '--out', 'staged'];
    let asked = false;
    const first = await stager(args, {
      onOutput(child, _stdout, stderr) {
        if (asked || !stderr.includes('Uploaded 50 %')) return;
        asked = true;
        child.kill('SIGINT');
      },
    });
    expect(first.code).toBe(130);
    expect(first.stderr).toContain('stager upload photos --wait --out staged');
    const sent = api.requests.filter(({ operation }) => operation === 'storePut').length;
    const second = await stager(args);
    expect(second.code, second.stderr).toBe(0);
    expect(filesIn(`${dir}/staged`)).toHaveLength(16);
    expect(filesIn(`${dir}/staged`).filter((name) => !name.endsWith('.finished.jpg'))).toEqual([]);
    const all = api.requests.filter(({ operation }) => operation === 'storePut').length;
    // What was on its way at the moment may be sent again, what was done is not.
    expect(all - sent).toBeLessThan(16);
    expect(api.state.images.size).toBe(16);
  });

  test('an access that ends half-way: exit code 4', async () => {
    let calls = 0;
    const { dir, stager } = await setUp({
      acceptToken: () => {
        calls += 1;
        return calls < 3;
      },
    });
    writePhotos(`${dir}/photos`, NAMES);
    const { code, stdout } = await stager(['upload', 'photos', '--wait', '--json']);
    expect(code).toBe(4);
    expect(JSON.parse(stdout).error.code).toBe('unauthenticated');
  });
});

describe('projects', () => {
  test('by id, by name in any case, and one that is not there for reading', async () => {
    const { api, dir, stager, json } = await setUp();
    writePhotos(dir, ['a.jpg', 'b.jpg']);
    const { body } = await json(['projects', 'create', 'Elm 42']);
    // The document of `projects create` is the project.
    const { id } = body as { id: string };
    await stager(['upload', 'a.jpg', '--project', id]);
    await stager(['upload', 'b.jpg', '--project', 'ELM 42']);
    expect([...api.state.images.values()].map(({ projectId }) => projectId)).toEqual([id, id]);
    expect((await json(['images', 'list', '--project', 'elm 42'])).body).toHaveLength(2);
    const wrong = await stager(['images', 'list', '--project', 'Elm 43']);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('Did you mean Elm 42?');
    expect((await stager(['projects', 'delete', 'Elm 42', '--yes'])).code).toBe(1);
  });
});
