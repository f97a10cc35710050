/** What a ring says: that work is due. The truth about the work is in the store. */
export interface Ring {
  readonly v: 1;
  readonly jobId: string;
}

/** Tells workers that a job is due. Lost or doubled rings cost latency, never a job. */
export interface Doorbell {
  ring(rings: readonly Ring[]): Promise<void>;
  /**
   * Calls back on rings until the returned function is called, and when rings may have been missed. Each ring reaches
   * at least one of all who listen; who answers with a promise gets no other before it settles. Reconnects by itself.
   */
  listen(onRing: () => void | Promise<void>): Promise<() => Promise<void>>;
  check(): Promise<void>;
  close(): Promise<void>;
}
