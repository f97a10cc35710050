import type { Io } from './io.ts';

/** A spinner where there is a terminal. @returns what stops it */
export function startSpinner(io: Io, text: string): () => void {
  let spinner: { stop(): unknown } | undefined;
  let stopped = false;
  const start = async () => {
    const { default: ora } = await import('ora');
    if (stopped) return;
    // Without discardStdin the terminal is left alone, and Ctrl-C stays a signal.
    spinner = ora({ text, stream: process.stderr, discardStdin: false }).start();
  };
  if (io.canAnimate) void start();
  return () => {
    stopped = true;
    spinner?.stop();
  };
}
