import { readFileSync, writeFileSync } from 'node:fs';

/** Resident bytes of a process from procfs; null when it is gone, or where there is no procfs. */
export function residentBytes(pid: number): number | null {
  try {
    const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    return kibibytes === undefined ? null : Number(kibibytes) * 1024;
  } catch {
    return null;
  }
}

/** Linux: when the machine runs out of memory, the kernel takes this process first, and not its parent. */
export function offerToKernel(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, '1000');
  } catch {
    // Not Linux, or the process is gone already.
  }
}
