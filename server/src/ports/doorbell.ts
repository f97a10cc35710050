/** What a ring says: that work is due. The truth about the work is in the store. */
export interface Ring {
  readonly v: 1;
  readonly jobId: string;
}

/** Tells workers that a job is due. Lost or doubled rings cost latency, never a job. */
export interface Doorbell {
  ring(rings: readonly Ring[]): Promise<void>;
  /** Calls back on every ring until the returned function is called. Reconnects by itself. */
  listen(onRing: () => void): Promise<() => Promise<void>>;
  check(): Promise<void>;
  close(): Promise<void>;
}
