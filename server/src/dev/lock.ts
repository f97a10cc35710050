import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

/** Another stack runs on this data. */
export class DataInUse extends Error {
  override readonly name = 'DataInUse';
}

/**
 * Makes sure that one stack at a time uses a data directory. On Linux an abstract socket holds the lock: the kernel
 * drops it with the process, so nothing can be left behind. Elsewhere a file with the process id does.
 * @throws DataInUse
 */
export async function lockData(dir: string): Promise<{ release(): void }> {
  return process.platform === 'linux' ? lockBySocket(dir) : lockByFile(dir);
}

function lockBySocket(dir: string): Promise<{ release(): void }> {
  const name = createHash('sha256').update(realpathSync(dir)).digest('hex').slice(0, 32);
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? inUse(dir) : error);
    });
    server.listen(`\0stager-dev-${name}`, () => {
      server.unref();
      resolve({ release: () => server.close() });
    });
  });
}

export function lockByFile(dir: string): { release(): void } {
  const file = join(dir, 'lock');
  if (existsSync(file) && isAlive(Number(readFileSync(file, 'utf8')))) throw inUse(dir);
  rmSync(file, { force: true });
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
  } catch {
    throw inUse(dir);
  }
  return { release: () => rmSync(file, { force: true }) };
}

function isAlive(pid: number): boolean {
  try {
    return Number.isInteger(pid) && pid > 0 && process.kill(pid, 0);
  } catch {
    return false;
  }
}

function inUse(dir: string): DataInUse {
  return new DataInUse(
    `A stack is running on ${dir} already. Use that one (its addresses are in ${join(dir, 'env')}), stop it with ` +
      'Ctrl-C, or start a second one with --data OTHER_DIR --port 0.',
  );
}
