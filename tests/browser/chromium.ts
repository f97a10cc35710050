import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** No first-run pages, no calls of its own to anywhere; `--no-sandbox` as it may run as root in a container. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A Chromium of this machine: the one of `STAGER_TEST_CHROMIUM`, or the first on PATH. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const named = env['STAGER_TEST_CHROMIUM'];
  if (named) return named;
  const folders = (env['PATH'] ?? '').split(delimiter);
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(isRunnable);
}

function isRunnable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

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
    context: ({ width = 1280, theme = 'light', javaScript = true } = {}) =>
      browser.newContext({
        viewport: { width, height: 800 },
        colorScheme: theme,
        javaScriptEnabled: javaScript,
        reducedMotion: 'reduce',
      }),
    async close() {
      await browser.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
