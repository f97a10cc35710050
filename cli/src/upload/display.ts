import type { Image, StageEvent } from '@stager/sdk';
import { clean } from '../io/clean.ts';
import type { Io } from '../io/io.ts';
import { LiveView } from '../io/live.ts';
import { wrap } from '../io/text.ts';
import { renderFrame } from './frame.ts';
import { Milestones } from './milestones.ts';
import { Progress } from './progress.ts';
import { Rate } from './rate.ts';

interface DisplayOptions {
  readonly send: boolean;
  readonly wait: boolean;
  readonly download: boolean;
  readonly variations: number;
}

/** Shows a run on stderr: drawn over and over on a terminal, a line now and then elsewhere. */
export class Display {
  readonly progress = new Progress();
  /** Images that have become ready, or were so before. */
  readonly ready: Image[] = [];
  readonly #io: Io;
  readonly #live: LiveView | undefined;
  readonly #milestones: Milestones;
  #lastFailure: string | undefined;
  readonly #rate = new Rate();

  constructor(io: Io, options: DisplayOptions) {
    this.#io = io;
    this.#milestones = new Milestones(options);
    if (!io.canAnimate) return;
    this.#live = new LiveView(io.stderr, () => {
      this.#rate.add(this.progress.sentBytes, performance.now());
      return renderFrame(this.progress, { ...options, rate: this.#rate.perSecond }, io.words.style);
    });
  }

  start(): void {
    this.#live?.start();
  }

  take(event: StageEvent): void {
    this.progress.take(event);
    if (event.type === 'ready') this.ready.push(event.image);
    if (event.type === 'rejected' || event.type === 'failed') {
      const { columns, style } = this.#io.words;
      const { message } = event.error;
      const why = message === this.#lastFailure ? 'the same' : clean(message);
      this.#lastFailure = message;
      const [first = '', ...rest] = wrap(`${clean(event.file)}: ${why}`, columns, '  ');
      this.#print([`${style.red('✗')} ${first.trimStart()}`, ...rest].join('\n'));
    }
    if (!this.#live) for (const line of this.#milestones.next(this.progress)) this.#io.say(line);
  }

  stop(): void {
    this.#live?.stop();
  }

  #print(line: string): void {
    if (this.#live) this.#live.log(line);
    else this.#io.say(line);
  }
}
