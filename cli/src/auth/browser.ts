import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Env } from '../settings/paths.ts';

export interface BrowserFacts {
  readonly env: Env;
  readonly platform: NodeJS.Platform;
  /** Release of the kernel: the one of WSL names Microsoft. */
  readonly release: string;
  readonly isTTY: boolean;
  readonly has: (program: string) => boolean;
}

/**
 * The program that opens a page where the person sits, or undefined where there is none: over SSH, in CI,
 * in a container, or without a terminal.
 */
export function findBrowserOpener({ env, platform, release, isTTY, has }: BrowserFacts): string | undefined {
  if (!isTTY || env['CI'] || env['SSH_CONNECTION'] || env['SSH_CLIENT'] || env['SSH_TTY']) return undefined;
  if (platform === 'darwin') return 'open';
  if (platform === 'win32') return 'explorer.exe';
  // The browser is that of Windows, with or without a display here. Variables of WSL get lost under sudo and in
  // services; the kernel stays the same.
  if (/microsoft/i.test(release) || env['WSL_DISTRO_NAME'] || env['WSL_INTEROP']) {
    const opener = ['wslview', 'explorer.exe'].find(has);
    if (opener !== undefined) return opener;
  }
  if (!env['DISPLAY'] && !env['WAYLAND_DISPLAY']) return undefined;
  return ['xdg-open'].find(has);
}

export function isOnPath(program: string, env: Env): boolean {
  return (env['PATH'] ?? '').split(delimiter).some((dir) => {
    try {
      accessSync(join(dir, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Tries; whether a page came up is for the person to see, as the address is printed in any case. */
export function openBrowser(opener: string, url: string): ChildProcess {
  const child = spawn(opener, [url], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
  return child;
}
