import { jittered, outageDelay } from './backoff.ts';

export interface LoopLog {
  warn(fields: object, message: string): void;
  info(fields: object, message: string): void;
}

export interface LoopOptions {
  /** For logs. */
  readonly name: string;
  /** Milliseconds between two turns when nobody kicks. */
  readonly everyMs: number;
  /**
   * Least milliseconds from the begin of one turn to that of the next, whatever kicks: after a rest a turn comes at
   * once, and a burst of kicks is few turns. Default 0.
   */
  readonly restMs?: number;
  readonly turn: (signal: AbortSignal) => Promise<void>;
  /** Whether `stop` takes a turn of its own at the end. Default false. */
  readonly lastTurn?: boolean;
  readonly log: LoopLog;
  readonly random?: () => number;
}

export interface Loop {
  start(): void;
  /** Asks for a turn as soon as can be. Kicks during a turn are one more turn. */
  kick(): void;
  /** Resolves when the last turn is over. */
  stop(): Promise<void>;
}

/**
 * Runs a task again and again: when kicked, and every so often. After a failure it waits, longer each time, and
 * neither burns the processor nor fills the log: an outage is one line, its end another.
 */
export function createLoop(options: LoopOptions): Loop {
  const { name, everyMs, restMs = 0, turn, lastTurn = false, log, random = Math.random } = options;
  const stopping = new AbortController();
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let kicked = false;
  let failures = 0;
  let begunAt = Number.NEGATIVE_INFINITY;

  function schedule(): void {
    clearTimeout(timer);
    if (stopping.signal.aborted) return;
    const rest = restMs === 0 ? 0 : begunAt + restMs - performance.now();
    if (failures > 0) timer = setTimeout(begin, outageDelay(failures, random));
    else if (!kicked) timer = setTimeout(begin, jittered(everyMs, random));
    else if (rest > 0) timer = setTimeout(begin, rest);
    else begin();
  }

  function begin(): void {
    clearTimeout(timer);
    kicked = false;
    begunAt = performance.now();
    running = attempt().finally(() => {
      running = undefined;
      schedule();
    });
  }

  async function attempt(): Promise<void> {
    try {
      await turn(stopping.signal);
      if (failures > 0) log.info({ failures }, `${name} works again`);
      failures = 0;
    } catch (error) {
      failures += 1;
      if (failures === 1) log.warn({ err: error }, `${name} fails; trying again`);
    }
  }

  return {
    start: () => {
      if (!running && timer === undefined) begin();
    },
    kick() {
      const first = !kicked;
      kicked = true;
      // In an outage the timer decides; before the start, the start.
      if (first && !running && timer !== undefined && failures === 0) schedule();
    },
    async stop() {
      stopping.abort();
      clearTimeout(timer);
      await running;
      if (lastTurn) await attempt();
    },
  };
}
