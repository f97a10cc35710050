/** `lease_lost`: the job is somebody else's or nobody's. `drain`: it is ours, but this worker leaves. */
export type StopReason = 'lease_lost' | 'drain';

/** What the signal of a job is aborted with. */
export class JobStopped extends Error {
  override readonly name = 'JobStopped';
  readonly reason: StopReason;
  constructor(reason: StopReason) {
    super(reason === 'drain' ? 'The worker stops.' : 'The lease of the job is lost.');
    this.reason = reason;
  }
}

/** Why a signal was aborted; undefined while it is not. */
export function stopReason(signal: AbortSignal): StopReason | undefined {
  if (!signal.aborted) return undefined;
  return signal.reason instanceof JobStopped ? signal.reason.reason : 'lease_lost';
}
