import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../support/cli.ts';
import { makeTempDir } from '../support/stack.ts';
import { type Look, type OpenBrowser, openChromium } from './chromium.ts';
import { findChromium } from './findChromium.ts';

const chromium = findChromium();
if (chromium === undefined) {
  process.stderr.write(
    'The contact sheet is not looked at in a browser: no Chromium on PATH (apt-get install chromium), nor in STAGER_TEST_CHROMIUM.\n',
  );
}
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const HOSTILE = `"><img src=x onerror=alert(1)>'&amp;`;
const LOOKS: readonly Look[] = (['light', 'dark'] as const).flatMap((theme) =>
  ([1280, 380] as const).map((width) => ({ theme, width })),
);

/** A wall above a floor, and below both a band, as a caption is one. */
async function save(path: string, band = 0): Promise<void> {
  const floor = { create: { width: 600, height: 200, channels: 3, background: '#8a6a4a' } } as const;
  await sharp({ create: { width: 600, height: 400 + band, channels: 3, background: '#ddd' } })
    .composite([{ input: floor, left: 0, top: 200 }])
    .png()
    .toFile(path);
}

describe.skipIf(chromium === undefined)('a contact sheet in Chromium', () => {
  let browser: OpenBrowser;
  let dir: string;
  beforeAll(async () => {
    dir = makeTempDir('stager-sheet');
    mkdirSync(join(dir, 'staged'));
    for (const stem of ['hall', HOSTILE]) {
      await save(join(dir, 'staged', `${stem}.finished.png`));
      await save(join(dir, 'staged', `${stem}.staged.png`), 40);
    }
    const env = { STAGER_CONFIG_DIR: join(dir, 'config') };
    const made = await runCli(['open', 'staged', '--no-browser'], { cwd: dir, env });
    expect(made.code, made.stderr).toBe(0);
    browser = await openChromium(chromium ?? '');
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(dir, { recursive: true, force: true });
  });

  async function visit(look: Look, through: (page: Page, told: readonly string[]) => Promise<void>) {
    const context = await browser.context(look);
    try {
      const page = await context.newPage();
      const told: string[] = [];
      const address = pathToFileURL(join(dir, 'staged', 'index.html')).href;
      page.on('request', (request) => {
        const url = request.url();
        if (url !== address && !url.startsWith('data:')) told.push(`fetched ${url}`);
      });
      page.on('console', (message) => told.push(message.text()));
      page.on('pageerror', (error) => told.push(error.message));
      page.on('dialog', (dialog) => {
        told.push('a name was run as a script');
        void dialog.dismiss();
      });
      await page.goto(address);
      await through(page, told);
    } finally {
      await context.close();
    }
  }

  test.each(LOOKS)('$theme, $width wide: everything fits, and nothing is fetched', (look) =>
    visit(look, async (page, told) => {
      expect(await page.locator('h2').allTextContents()).toEqual([HOSTILE, 'hall']);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(look.width);
      expect(told).toEqual([]);
    }),
  );

  test('keys move the slider, and both pictures lie on each other as they are, whatever is below one of them', () =>
    visit({ width: 380, theme: 'light' }, async (page) => {
      const slider = page.locator('.compare input').last();
      await slider.focus();
      await page.keyboard.press('Home');
      await page.keyboard.press('ArrowRight');
      expect(await slider.inputValue()).toBe('1');
      const pair = page.locator('.compare').last();
      expect(await pair.getAttribute('style')).toBe('--at: 1%;');
      const [before, later] = await Promise.all([0, 1].map((n) => pair.locator('img').nth(n).boundingBox()));
      expect(later).toMatchObject({ x: before?.x, y: before?.y, width: before?.width });
      expect((later?.height ?? 0) / (before?.height ?? 1)).toBeCloseTo(440 / 400, 2);
    }));

  test.each(LOOKS)('$theme, $width wide: no fault that axe knows', (look) =>
    visit(look, async (page) => {
      // The page runs no script but its own; what axe answers is mapped to text in the page.
      const found = await page.evaluate(
        `${AXE}; axe.run().then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html.slice(0, 120))))`,
      );
      expect(found).toEqual([]);
    }),
  );
});
