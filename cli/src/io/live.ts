import { DEFAULT_COLUMNS, type Sink } from './io.ts';
import { fit, textWidth } from './text.ts';

/** Pause between two frames, in milliseconds: ten a second at most. */
const FRAME_MS = 100;

const ESC = '\u001b[';
const HIDE_CURSOR = `${ESC}?25l`;
const SHOW_CURSOR = `${ESC}?25h`;
const CLEAR_DOWN = `${ESC}J`;
const CLEAR_LINE_END = `${ESC}K`;

/** A line in parts, so that it can be cut to the width before it gets its colours. */
export interface LiveLine {
  readonly text: string;
  readonly paint?: (text: string) => string;
}

/** A few lines at the bottom of the terminal that are drawn over and over; everything else scrolls above. */
export class LiveView {
  readonly #sink: Sink;
  readonly #frame: () => readonly LiveLine[];
  #drawn: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  readonly #restore = () => {
    this.#sink.write(SHOW_CURSOR);
  };

  constructor(sink: Sink, frame: () => readonly LiveLine[]) {
    this.#sink = sink;
    this.#frame = frame;
  }

  start(): void {
    this.#sink.write(HIDE_CURSOR);
    // Also when the process ends on the way: a terminal without a cursor is a broken one.
    process.once('exit', this.#restore);
    this.draw();
    this.#timer = setInterval(() => this.draw(), FRAME_MS);
  }

  /** Prints lines that stay, above the view. */
  log(line: string): void {
    this.#sink.write(`${this.#goUp()}${CLEAR_DOWN}${line}\n`);
    this.#drawn = [];
    this.draw();
  }

  draw(): void {
    const columns = this.#sink.columns || DEFAULT_COLUMNS;
    const lines = this.#frame().map(({ text, paint }) => ({ text: fit(text, columns - 1), paint }));
    const painted = lines.map(({ text, paint }) => `${paint ? paint(text) : text}${CLEAR_LINE_END}\n`);
    this.#sink.write(`${this.#goUp()}${painted.join('')}${CLEAR_DOWN}`);
    this.#drawn = lines.map(({ text }) => text);
  }

  /** Removes the view. */
  stop(): void {
    if (!this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#sink.write(`${this.#goUp()}${CLEAR_DOWN}${SHOW_CURSOR}`);
    this.#drawn = [];
    process.off('exit', this.#restore);
  }

  /** To the first line that was drawn; in a terminal that became narrower, lines have been broken in two. */
  #goUp(): string {
    const columns = this.#sink.columns || DEFAULT_COLUMNS;
    const rows = this.#drawn.reduce(
      (sum, line) => sum + Math.max(1, Math.ceil(textWidth(line) / columns)),
      0,
    );
    return rows > 0 ? `\r${ESC}${rows}A` : '\r';
  }
}
