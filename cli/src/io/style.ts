export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
}

export interface ColorFacts {
  readonly isTTY: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** FORCE_COLOR wins over NO_COLOR, as in Node itself; without either, a capable terminal has colour. */
export function wantsColor({ isTTY, env }: ColorFacts): boolean {
  const force = env['FORCE_COLOR'];
  if (force !== undefined) return force !== '0' && force !== 'false';
  if (env['NO_COLOR']) return false;
  return isTTY && env['TERM'] !== 'dumb';
}

function sgr(open: number, close: number, on: boolean): (text: string) => string {
  return on ? (text) => `\u001b[${open}m${text}\u001b[${close}m` : (text) => text;
}

export function createStyle(color: boolean): Style {
  return {
    bold: sgr(1, 22, color),
    dim: sgr(2, 22, color),
    red: sgr(31, 39, color),
    green: sgr(32, 39, color),
    yellow: sgr(33, 39, color),
    cyan: sgr(36, 39, color),
  };
}
