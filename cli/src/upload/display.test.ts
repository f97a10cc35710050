import type { StageEvent } from '@stager/sdk';
import { describe, expect, test } from 'vitest';
import { createStyle } from '../io/style.ts';
import { created, ready } from '../testing/images.ts';
import { setUpDesk, speak } from '../testing/inProcess.ts';
import { writePhotos } from '../testing/photos.ts';
import { Display } from './display.ts';
import { bar, renderFrame } from './frame.ts';
import { Progress } from './progress.ts';

const options = { send: true, wait: true, download: true, variations: 2 };

function frame(
  events: readonly StageEvent[],
  more: Partial<Parameters<typeof renderFrame>[1]> = {},
): string[] {
  const progress = new Progress();
  for (const event of events) progress.take(event);
  return renderFrame(progress, { ...options, rate: undefined, ...more }, createStyle(false)).map(
    ({ text }) => text,
  );
}

const start = (files: number, bytes: number): StageEvent => ({ type: 'start', files, bytes });
const hashed = (file: string): StageEvent => ({
  type: 'hashed',
  file,
  sha256: '',
  size: 1000,
  contentType: 'image/jpeg',
});
const refused = { code: 'x', message: 'No.', retryable: false };

describe('what a person sees of an upload', () => {
  test('while photos are read', () => {
    expect(frame([start(4, 4000), hashed('a')])[0]).toBe(`Photos  ${bar(0)}  0/4  reading 1/4`);
  });

  test('sent, before the speed is known', () => {
    const events: StageEvent[] = [
      start(2, 2000),
      hashed('a'),
      { type: 'uploading', file: 'a', sent: 500, size: 1000 },
    ];
    expect(frame(events)[0]).toBe(`Photos  ${bar(0.25)}  0/2  500 B of 2.0 kB`);
  });

  test('what is refused needs not be sent any more', () => {
    const refusal: StageEvent = { type: 'rejected', file: 'b', size: 3000, error: refused };
    const events: StageEvent[] = [
      start(2, 4000),
      refusal,
      { type: 'uploading', file: 'a', sent: 500, size: 1000 },
    ];
    expect(frame(events)[0]).toBe(`Photos  ${bar(0.875)}  1/2  3.5 kB of 4.0 kB`);
  });

  test('photos without a byte count by number', () => {
    expect(frame([start(2, 0), { type: 'rejected', file: 'a', size: 0, error: refused }])[0]).toContain(
      `Photos  ${bar(0.5)}  1/2`,
    );
  });

  test('all sent, none there before', () => {
    const events: StageEvent[] = [
      start(1, 1000),
      hashed('a'),
      { type: 'uploaded', file: 'a', originalId: 'o', size: 1000 },
    ];
    expect(frame(events, { wait: false })).toEqual([`Photos  ${bar(1)}  1/1  1 sent`]);
  });

  test('all refused: nothing is expected', () => {
    const events: StageEvent[] = [start(1, 10), { type: 'rejected', file: 'a', size: 10, error: refused }];
    expect(frame(events)[1]).toBe(`Images  ${bar(1)}  0/0 ready`);
  });

  test('images in work, failed, saved; a few by name, the rest as a number', () => {
    const events: StageEvent[] = [start(6, 0)];
    for (const [i, file] of ['a', 'b', 'c', 'd'].entries()) {
      events.push(created(file, `i${i}`));
      events.push({ type: 'processing', file, imageId: `i${i}`, attempt: 1 });
    }
    events.push(
      { type: 'failed', file: 'a', imageId: 'i0', error: refused },
      created('e', 'i9', true),
      ready('e', 'i9'),
      { type: 'downloaded', file: 'e', imageId: 'i9', output: 's', path: 'p', size: 1, skipped: false },
      { type: 'uploading', file: 'f', sent: 0, size: 10 },
    );
    const lines = frame(events);
    expect(lines[1]).toBe(`Images  ${bar(2 / 12)}  1/12 ready  3 in work  1 failed  1 file saved`);
    expect(lines.slice(2)).toEqual(['  b  begins', '  c  begins', '  d  begins', '  and 1 more']);
  });
});

describe('on a terminal', () => {
  test('the bars are drawn, a failure stays above them, and at the end they are gone', async () => {
    const { context, stderr } = await setUpDesk({ terminal: true, columns: 50 });
    const display = new Display(context().io, options);
    display.start();
    try {
      display.take(start(2, 2000));
      display.take({ type: 'rejected', file: 'bad\u001b[2J.jpg', size: 10, error: refused });
      display.take({
        type: 'failed',
        file: 'b.jpg',
        imageId: undefined,
        error: { ...refused, message: 'a word '.repeat(20) },
      });
    } finally {
      display.stop();
    }
    expect(stderr.text).toContain('Looking for photos…');
    expect(stderr.text).toContain('\u001b[31m✗\u001b[39m bad.jpg: No.\n');
    expect(stderr.text).not.toContain('bad\u001b');
    expect(stderr.text).not.toContain('Found 2 files');
    expect(stderr.text.endsWith('\u001b[J\u001b[?25h')).toBe(true);
  });

  test('a whole run draws on stderr and leaves its result on stdout', async () => {
    // Slower than two frames are apart.
    const { dir, env } = await setUpDesk({ stepMs: 250 });
    writePhotos(`${dir}/photos`, ['a.jpg']);
    const { code, stdout, stderr } = await speak(['upload', `${dir}/photos`, '--out', `${dir}/staged`], env, {
      terminal: true,
    });
    expect(code).toBe(0);
    expect(stderr).toContain('Photos  ');
    expect(stdout).toContain('1 image is ready');
    expect(stdout).not.toContain('\u001b[?25');
  });
});
