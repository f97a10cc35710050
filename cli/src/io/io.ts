import { toJson } from './clean.ts';
import { createStyle, type Style, wantsColor } from './style.ts';

export interface View {
  readonly style: Style;
  readonly columns: number;
}

/** What a command found or did. Both forms come from one object, so that they cannot tell different things. */
export interface Rendered {
  json(): unknown;
  text(view: View): string;
}

type Env = Readonly<Record<string, string | undefined>>;

/** The part of a stream of the process that is used here. */
export interface Sink {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface IoStreams {
  readonly stdin: { readonly isTTY?: boolean };
  readonly stdout: Sink;
  readonly stderr: Sink;
}

export const DEFAULT_COLUMNS = 80;

export interface Io {
  readonly json: boolean;
  /** Whether a person is there to answer. */
  readonly canPrompt: boolean;
  /** Whether lines on stderr may be drawn over. */
  readonly canAnimate: boolean;
  readonly stderr: Sink;
  /** For what goes to stderr. */
  readonly words: View;
  /** For what goes to stdout. */
  readonly out: View;
  /** Whether stdout is a terminal. */
  readonly isTTY: boolean;
  /** The one document of a command, on stdout. */
  print(result: Rendered): void;
  /** One item of a stream, on stdout. An empty text prints no line. */
  emit(result: Rendered): void;
  /** Words for a person, on stderr. */
  say(text?: string): void;
}

/** Nobody answers a prompt in CI, on a pipe, or on a terminal that cannot move its cursor. */
export function canPrompt(facts: { stdin: boolean; stderr: boolean; env: Env; json: boolean }): boolean {
  return facts.stdin && canAnimate(facts);
}

export function canAnimate(facts: { stderr: boolean; env: Env; json: boolean }): boolean {
  const ci = facts.env['CI'];
  return facts.stderr && facts.env['TERM'] !== 'dumb' && (!ci || ci === 'false' || ci === '0') && !facts.json;
}

export function createIo(streams: IoStreams, env: Env, json: boolean): Io {
  const viewOf = (sink: Sink): View => ({
    style: createStyle(wantsColor({ isTTY: sink.isTTY ?? false, env })),
    get columns() {
      return sink.columns || DEFAULT_COLUMNS;
    },
  });
  const out = viewOf(streams.stdout);
  const words = viewOf(streams.stderr);
  const stderr = streams.stderr.isTTY ?? false;
  return {
    json,
    canPrompt: canPrompt({ stdin: streams.stdin.isTTY ?? false, stderr, env, json }),
    canAnimate: canAnimate({ stderr, env, json }),
    stderr: streams.stderr,
    words,
    out,
    isTTY: streams.stdout.isTTY ?? false,
    print(result) {
      const text = json ? toJson(result.json(), 2) : result.text(out);
      if (text !== '') streams.stdout.write(`${text}\n`);
    },
    emit(result) {
      const text = json ? toJson(result.json()) : result.text(out);
      if (text !== '') streams.stdout.write(`${text}\n`);
    },
    say(text = '') {
      streams.stderr.write(`${text}\n`);
    },
  };
}
