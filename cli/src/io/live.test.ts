import { describe, expect, test, vi } from 'vitest';
import { bar, renderFrame } from '../upload/frame.ts';
import { Progress } from '../upload/progress.ts';
import { Rate } from '../upload/rate.ts';
import { LiveView } from './live.ts';
import { createStyle } from './style.ts';

/** A terminal that understands what the view sends: lines, cursor up, clear. */
class Screen {
  columns = 40;
  isTTY = true;
  lines: string[] = [];
  writes = 0;
  cursorShown = true;
  #row = 0;

  write(text: string): void {
    this.writes += 1;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the commands of a terminal
    for (const token of text.match(/\u001b\[[?\d]*[A-Za-z]|\n|\r|[^\u001b\n\r]+/g) ?? []) this.#obey(token);
  }

  /** What a terminal does when it is made narrower: lines are broken. */
  narrow(columns: number): void {
    this.columns = columns;
    this.lines = this.lines.flatMap((line) => line.match(new RegExp(`.{1,${columns}}`, 'g')) ?? ['']);
    this.#row = this.lines.length;
  }

  get shown(): string[] {
    return this.lines.filter((line) => line !== '');
  }

  #obey(token: string): void {
    const up = token.endsWith('A') && token.startsWith('\u001b[') ? token.slice(2, -1) : undefined;
    if (up !== undefined) this.#row -= Number(up);
    else if (token === '\u001b[J') this.lines.length = this.#row;
    else if (token === '\u001b[?25l') this.cursorShown = false;
    else if (token === '\u001b[?25h') this.cursorShown = true;
    else if (token === '\n') this.#row += 1;
    else if (token !== '\r' && !token.startsWith('\u001b')) this.lines[this.#row] = token;
  }
}

describe('lines that are drawn over', () => {
  test('only the last state stays visible, other lines above it', () => {
    const screen = new Screen();
    let n = 0;
    const view = new LiveView(screen, () => [{ text: `state ${n}` }, ...(n > 1 ? [] : [{ text: 'second' }])]);
    view.start();
    n = 1;
    view.draw();
    view.log('something failed');
    n = 2;
    view.draw();
    expect(screen.shown).toEqual(['something failed', 'state 2']);
    view.stop();
    expect(screen.shown).toEqual(['something failed']);
    expect(screen.cursorShown).toBe(true);
  });

  test('no line is wider than the terminal, also after it became narrower', () => {
    const screen = new Screen();
    const view = new LiveView(screen, () => [{ text: 'x'.repeat(100) }]);
    view.start();
    expect(screen.shown).toEqual([`${'x'.repeat(38)}…`]);
    screen.narrow(20);
    view.draw();
    expect(screen.shown).toEqual([`${'x'.repeat(18)}…`]);
    view.stop();
  });

  test('ten frames a second at most', () => {
    vi.useFakeTimers();
    try {
      const screen = new Screen();
      const view = new LiveView(screen, () => [{ text: 'x' }]);
      view.start();
      const before = screen.writes;
      vi.advanceTimersByTime(1000);
      expect(screen.writes - before).toBeLessThanOrEqual(10);
      view.stop();
      const after = screen.writes;
      vi.advanceTimersByTime(1000);
      expect(screen.writes).toBe(after);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('what it shows of an upload', () => {
  const style = createStyle(false);
  const options = { wait: true, download: true, variations: 1, rate: 1_000_000 };
  const text = (progress: Progress) => renderFrame(progress, options, style).map((line) => line.text);

  test('counts, rate and what is in work', () => {
    const progress = new Progress();
    expect(text(progress)).toEqual(['Looking for photos…']);
    progress.take({ type: 'start', files: 4, bytes: 8_000_000 });
    for (const file of ['a', 'b', 'c', 'd']) {
      progress.take({ type: 'hashed', file, sha256: '', size: 2_000_000, contentType: 'image/jpeg' });
    }
    progress.take({ type: 'exists', file: 'a', originalId: 'o' });
    progress.take({ type: 'uploading', file: 'b', sent: 1_000_000, size: 2_000_000 });
    expect(text(progress)[0]).toBe(`Photos  ${bar(3 / 8)}  1/4  3.0 MB of 8.0 MB  1.0 MB/s  5.0 s left`);
    expect(text(progress)).toContain('  b  sending');
    progress.take({ type: 'uploaded', file: 'b', originalId: 'o', size: 2_000_000 });
    progress.take({
      type: 'rejected',
      size: 5,
      file: 'c',
      error: { code: 'x', message: 'm', retryable: false },
    });
    progress.take({
      type: 'failed',
      file: 'd',
      imageId: undefined,
      error: { code: 'x', message: 'm', retryable: true },
    });
    expect(text(progress)[0]).toBe(`Photos  ${bar(1)}  4/4  1 sent, 1 there before`);
    progress.take({ type: 'processing', file: 'b\u001b[2J', imageId: 'i', attempt: 1 });
    progress.take({ type: 'progress', file: 'b\u001b[2J', imageId: 'i', progress: 0.42, stage: 'decode' });
    expect(text(progress)[1]).toBe(`Images  ${bar(0)}  0/2 ready  1 in work`);
    expect(text(progress)[2]).toBe('  b  decode 42 %');
  });

  test('a retry that begins anew does not count bytes twice', () => {
    const progress = new Progress();
    progress.take({ type: 'start', files: 1, bytes: 100 });
    progress.take({ type: 'uploading', file: 'a', sent: 80, size: 100 });
    progress.take({ type: 'uploading', file: 'a', sent: 0, size: 100 });
    progress.take({ type: 'uploading', file: 'a', sent: 100, size: 100 });
    expect(progress.doneBytes).toBe(100);
    expect(progress.sentBytes).toBe(180);
  });

  test.each([
    [0, '░░░░'],
    [0.5, '██░░'],
    [1, '████'],
    [2, '████'],
  ])('a bar of %d', (share, shown) => expect(bar(share, 4)).toBe(shown));

  test('the speed is that of the last seconds', () => {
    const rate = new Rate();
    expect(rate.perSecond).toBeUndefined();
    rate.add(0, 0);
    rate.add(1000, 100);
    expect(rate.perSecond).toBeUndefined();
    rate.add(1000, 1000);
    expect(rate.perSecond).toBe(1000);
    for (let at = 2000; at <= 20_000; at += 1000) rate.add(1000 + at * 3, at);
    expect(rate.perSecond).toBeCloseTo(3000);
  });
});
