import { describe, expect, test } from 'vitest';
import { writePhotos } from './testing/photos.ts';
import { setUp } from './testing/setUp.ts';

describe('stager tail --exit-status', () => {
  test('nothing unfinished: exit code 0 at once', async () => {
    const { stager } = await setUp();
    const { code, stdout } = await stager(['tail', '--exit-status']);
    expect(code).toBe(0);
    expect(stdout).toContain('Nothing is unfinished');
  });

  test.each([
    ['all ready', [] as string[], 0],
    ['one failed', ['b.jpg'], 1],
  ])('%s: exit code says so', async (_name, bad, code) => {
    const { api, dir, stager } = await setUp({ outcome: () => 'hold' });
    writePhotos(dir, ['a.jpg', 'b.jpg']);
    await stager(['upload', 'a.jpg', 'b.jpg']);
    let done = false;
    const result = await stager(['tail', '--exit-status'], {
      onOutput(_child, stdout) {
        if (done || !stdout.includes('2 images unfinished')) return;
        done = true;
        for (const { id, name } of [...api.state.images.values()]) {
          api.finish(id, bad.includes(name ?? '') ? 'error' : 'ready');
        }
      },
    });
    expect(result.code, result.stderr).toBe(code);
    expect(result.stdout).toMatch(/ready +a\.jpg/);
    if (code === 1) expect(result.stdout).toMatch(/error +b\.jpg: /);
    expect(result.stderr).toContain(code === 0 ? '2 ready' : '1 ready, 1 failed');
  });

  test('of an image that has ended before', async () => {
    const { api, dir, stager } = await setUp({ outcome: () => 'error' });
    writePhotos(dir, ['a.jpg']);
    await stager(['upload', 'a.jpg', '--wait']);
    const [image] = api.state.images.values();
    const { code, stderr } = await stager(['tail', '--exit-status', '--image', image?.id ?? '']);
    expect(code).toBe(1);
    expect(stderr).toContain('is error');
  });
});

describe('stager tail', () => {
  test('Ctrl-C: exit code 130, and the command that goes on from there misses nothing', async () => {
    const { api, dir, stager } = await setUp({ outcome: () => 'hold' });
    writePhotos(dir, ['a.jpg']);
    await stager(['upload', 'a.jpg']);
    const first = await stager(['tail'], {
      onOutput(child, stdout) {
        if (stdout.includes('1 image unfinished')) child.kill('SIGINT');
      },
    });
    expect(first.code).toBe(130);
    const resume = /stager (tail --after \S+)/.exec(first.stderr)?.[1]?.split(' ') ?? [];
    expect(resume).toHaveLength(3);
    const [image] = api.state.images.values();
    api.finish(image?.id ?? '');
    const second = await stager([...resume, '--json'], {
      onOutput(child, stdout) {
        if (stdout.includes('image.ready')) child.kill('SIGINT');
      },
    });
    const events = second.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.map(({ type }) => type)).not.toContain('snapshot');
    expect(events.filter(({ type }) => type === 'image.ready')).toHaveLength(1);
    expect(events.at(-1)).toMatchObject({ error: { code: 'interrupted' } });
    expect(second.code).toBe(130);
  });

  test('a connection that is cut is opened again, and no event is lost', async () => {
    const { api, dir, stager } = await setUp({ outcome: () => 'hold' });
    writePhotos(dir, ['a.jpg']);
    await stager(['upload', 'a.jpg']);
    let cut = false;
    const result = await stager(['tail', '--exit-status'], {
      onOutput(_child, stdout) {
        if (cut || !stdout.includes('1 image unfinished')) return;
        cut = true;
        const [image] = api.state.images.values();
        api.cutConnections();
        api.finish(image?.id ?? '');
      },
    });
    expect(result.code, result.stderr).toBe(0);
    expect(result.stdout).toMatch(/ready +a\.jpg/);
  });
});
