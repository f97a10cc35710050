import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';

/** No first-run pages, no calls of its own to anywhere; `--no-sandbox` as it may run as root in a container. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** For one step of a person: a shared machine may stand still for seconds. */
const PATIENCE_MS = 60_000;

export interface Look {
  readonly width: 380 | 1280;
  readonly theme: 'light' | 'dark';
  readonly javaScript?: boolean;
}

export interface OpenBrowser {
  /** Cookies and history of its own, as another person's browser. */
  context(look?: Partial<Look>): Promise<BrowserContext>;
  close(): Promise<void>;
}

export async function openChromium(executablePath: string): Promise<OpenBrowser> {
  const profile = mkdtempSync(join(tmpdir(), 'stager-chromium-'));
  const browser = await chromium.launch({
    executablePath,
    args: FLAGS,
    env: { ...process.env, HOME: profile },
  });
  return {
    async context({ width = 1280, theme = 'light', javaScript = true } = {}) {
      const context = await browser.newContext({
        viewport: { width, height: 800 },
        colorScheme: theme,
        javaScriptEnabled: javaScript,
        reducedMotion: 'reduce',
      });
      context.setDefaultTimeout(PATIENCE_MS);
      return context;
    },
    async close() {
      await browser.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
