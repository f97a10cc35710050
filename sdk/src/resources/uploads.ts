import type { ApiPromise } from '../core/apiPromise.ts';
import type { CallOptions } from '../core/options.ts';
import type { Transport } from '../core/transport.ts';
import type { FinalizedUploads, UploadFile, UploadTickets } from '../generated/types.ts';

/** The two calls around a presigned PUT. `stager.stage()` does all of it. */
export class Uploads {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Asks for up to 100 uploads; one result per file, in order. Send each ticket's bytes with exactly its headers. */
  create(files: readonly UploadFile[], options?: CallOptions): ApiPromise<UploadTickets> {
    return this.#transport.request('createUploads', { body: { files } }, options);
  }

  /** Turns up to 100 uploads into originals; one result per id, in order. Safe to repeat. */
  finalize(uploadIds: readonly string[], options?: CallOptions): ApiPromise<FinalizedUploads> {
    return this.#transport.request('finalizeUploads', { body: { uploadIds } }, options);
  }
}
