/**
 * Stops the process in order on SIGTERM, SIGINT or when the parent that forked it is gone; a second signal ends it at
 * once. An error that nobody handled ends it too: a process in an unknown state serves no one. SIGHUP has it read its
 * secrets again; to a process that was forked, as those of the embedded stack are, it is the end of the terminal.
 */
export function onStopSignals(stop: () => Promise<void>, reread: () => void): void {
  let asked = false;
  const leave = (code: number) => {
    if (asked) process.exit(code || 130);
    asked = true;
    stop().then(
      () => process.exit(code),
      (error: unknown) => {
        process.stderr.write(`Stopping failed: ${error instanceof Error ? error.stack : error}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => leave(0));
  process.on('SIGINT', () => leave(0));
  process.on('SIGHUP', () => (process.send ? leave(0) : reread()));
  // A process that was forked has `send`; its parent may be gone before we come here.
  if (process.connected) process.once('disconnect', () => leave(0));
  else if (process.send) leave(0);
  process.on('uncaughtException', (error) => fatal(error));
  process.on('unhandledRejection', (error) => fatal(error));
}

function fatal(error: unknown): never {
  process.stderr.write(
    `Unhandled: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exit(1);
}
