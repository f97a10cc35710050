import type { Env } from '../settings/paths.ts';

/** How a terminal is given pictures; `blocks` are half characters in two colours each. */
export const PROTOCOLS = ['kitty', 'iterm2', 'blocks'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** What can be set; `auto` looks at the terminal. */
export const PICTURES = ['auto', 'off', ...PROTOCOLS] as const;
export type Pictures = (typeof PICTURES)[number];

/** Colours of half blocks. */
export type Depth = 'true' | '256';

export interface TerminalFacts {
  /** Of stdout: where the pictures go. */
  readonly isTTY: boolean;
  readonly env: Env;
  readonly setting: Pictures;
}

export interface Shown {
  readonly protocol: Protocol;
  readonly depth: Depth;
}

/**
 * What a terminal can show, by what it says of itself: nothing is asked of it, as an answer that does not come would be
 * waited for, and one that comes late would be typed into the shell.
 */
export function choosePictures({ isTTY, env, setting }: TerminalFacts): Shown | undefined {
  if (setting === 'off' || !isTTY || env['TERM'] === 'dumb') return undefined;
  const depth = depthOf(env);
  if (setting !== 'auto') return { protocol: setting, depth: depth ?? '256' };
  if (isCi(env) || env['NO_COLOR']) return undefined;
  const protocol = protocolOf(env) ?? (depth ? 'blocks' : undefined);
  return protocol && { protocol, depth: depth ?? '256' };
}

function isCi(env: Env): boolean {
  const ci = env['CI'];
  return Boolean(ci) && ci !== 'false' && ci !== '0';
}

/** tmux and screen keep the variables of the terminal around them, but pass no pictures on unless they are told to. */
function protocolOf(env: Env): Protocol | undefined {
  const term = env['TERM'] ?? '';
  if (env['TMUX'] || /^(tmux|screen)/.test(term)) return undefined;
  const program = env['TERM_PROGRAM'];
  if (/^xterm-(kitty|ghostty)$/.test(term) || env['KITTY_WINDOW_ID'] || program === 'ghostty') return 'kitty';
  const isIterm = program === 'iTerm.app' || env['LC_TERMINAL'] === 'iTerm2';
  return isIterm || program === 'WezTerm' || program === 'mintty' ? 'iterm2' : undefined;
}

/** Sixteen colours make no picture. */
function depthOf(env: Env): Depth | undefined {
  if (/^(truecolor|24bit)$/.test(env['COLORTERM'] ?? '') || env['WT_SESSION']) return 'true';
  return /256|kitty|ghostty|direct/.test(env['TERM'] ?? '') || env['TERM_PROGRAM'] ? '256' : undefined;
}
