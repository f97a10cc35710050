import { randomInt } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

export interface StackPorts {
  readonly api: number;
  readonly issuer: number;
  readonly payments: number;
  readonly postgres: number;
}

export class PortTaken extends Error {
  override readonly name = 'PortTaken';
}

/**
 * Ports of a stack. The API gets what was asked for or fails; the others, and an API on port 0, keep the ports of the
 * last start when those are free, so that tokens (which name the issuer's address) outlive a restart.
 * @throws PortTaken
 */
export async function choosePorts(dir: string, wanted: number): Promise<StackPorts> {
  const last = readLast(dir);
  const taken = new Set<number>();
  const pick = async (candidates: (number | undefined)[]) => {
    for (const port of candidates) {
      if (port && !taken.has(port) && (await isFree(port))) {
        taken.add(port);
        return port;
      }
    }
    const port = await freePort();
    taken.add(port);
    return port;
  };
  if (wanted !== 0 && !(await isFree(wanted))) {
    throw new PortTaken(
      `Port ${wanted} is taken by another program. Choose one with --port N, or --port 0 for a free one.`,
    );
  }
  const api = await pick([wanted === 0 ? last?.api : wanted]);
  const issuer = await pick([last?.issuer, wanted === 0 ? undefined : wanted + 1]);
  const payments = await pick([last?.payments, wanted === 0 ? undefined : wanted + 2]);
  const postgres = await pick([last?.postgres]);
  const ports = { api, issuer, payments, postgres };
  writeFileSync(join(dir, 'ports.json'), JSON.stringify(ports));
  return ports;
}

function readLast(dir: string): Partial<StackPorts> | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(join(dir, 'ports.json'), 'utf8'));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

/** Below what Linux (from 32768) and others (from 49152) give to whoever asks for any port, connections included. */
const OWN_PORTS = { from: 15_000, count: 15_000 } as const;
const TRIES = 100;

/**
 * A port that nobody listens on. It is not held until it is used, which may be seconds later or, behind a restart, once more:
 * so it is none that the system itself would give to somebody else meanwhile.
 */
export async function freePort(): Promise<number> {
  for (let tried = 0; tried < TRIES; tried += 1) {
    const port = OWN_PORTS.from + randomInt(OWN_PORTS.count);
    if (await isFree(port)) return port;
  }
  throw new Error(`No port from ${OWN_PORTS.from} on is free. Choose one with --port N.`);
}
