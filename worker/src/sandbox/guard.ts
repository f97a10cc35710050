import { workerData } from 'node:worker_threads';

/**
 * A thread that ends the process once its parent is gone. The main thread sees its socket close, but not while
 * an engine computes without a pause; then nobody is left to enforce the time limit.
 */

const INTERVAL_MS = 500;

setInterval(() => {
  if (process.ppid !== workerData) process.kill(process.pid, 'SIGKILL');
}, INTERVAL_MS);
