import { release } from 'node:os';
import { findBrowserOpener, isOnPath, openBrowser } from '../auth/browser.ts';
import type { Context } from '../context.ts';

/** The program that shows pages to whoever sits here, or undefined where nobody does. */
export function openerFor({ io, env }: Pick<Context, 'io' | 'env'>): string | undefined {
  return findBrowserOpener({
    env,
    platform: process.platform,
    release: release(),
    isTTY: io.canPrompt,
    has: (program) => isOnPath(program, env),
  });
}

/** @returns whether a browser was asked to; the address has to be printed in any case */
export function openPage(context: Pick<Context, 'io' | 'env'>, url: string): boolean {
  const opener = openerFor(context);
  if (opener) openBrowser(opener, url);
  return opener !== undefined;
}
