import type { ReconcileKind } from '@stager/sdk';

export interface Explanation {
  /** What contradicts what. */
  readonly what: string;
  /** How that may come about. */
  readonly why: string;
  /** What `--apply` does. */
  readonly repair: string;
  /** Whether `undo` takes it back. */
  readonly undo: string;
}

const NO = 'no: what was made once more, or ended, stays so';
const KEPT = 'yes, for 7 days: the object is put back, and the next run finds it again';
const UNFIT =
  'of an original, for 7 days: it is put back and its row counts on it again, so that the next run finds it again. A result was made once more: what it was stays put aside, and is removed after 7 days';

export const EXPLANATIONS: Readonly<Record<ReconcileKind, Explanation>> = {
  missing_original: {
    what: 'There is a row of an original, and its object is not in the store.',
    why: 'The object was removed past stager, or the store was restored from before it was sent.',
    repair:
      'One that had been put aside is put back. Else the photo can be sent again, and its unfinished images end with the error original_missing; an error that an image has already is kept.',
    undo: NO,
  },
  missing_output: {
    what: 'An image is ready, and one of its results is not in the store.',
    why: 'The object was removed past stager, or the store was restored from before it was made.',
    repair:
      'The image is made once more. Where its original is missing, too, it keeps its other results; without the first of them it ends with an error.',
    undo: NO,
  },
  ready_without_output: {
    what: 'An image is ready, and no result of it is known.',
    why: 'Rows were removed past stager, or a database was restored in parts.',
    repair: 'The image is made once more. Where its original is missing, it ends with an error.',
    undo: NO,
  },
  orphan_object: {
    what: 'There is an object that no row names, older than two hours.',
    why: 'A worker or an upload was cut off between object and row, or the database was restored from before it was written.',
    repair: 'It is put aside below quarantine/, and removed after 7 days.',
    undo: KEPT,
  },
  size_mismatch: {
    what: 'An object has another size than its row says.',
    why: 'It was written past stager, or the store has lost a part of it.',
    repair: 'It is put aside. A result is made once more; an original can be sent again.',
    undo: UNFIT,
  },
  hash_mismatch: {
    what: 'The bytes of an object are not those that its row names. Found with --deep alone.',
    why: 'It was written past stager, or a disk returns other bytes than it was given.',
    repair: 'It is put aside. A result is made once more; an original can be sent again.',
    undo: UNFIT,
  },
  stuck_queued: {
    what: 'An image is queued, and there is no job that would make it.',
    why: 'Jobs were removed past stager.',
    repair: 'It is queued once more, with all its attempts.',
    undo: NO,
  },
  stuck_processing: {
    what: 'An image is in work, and nobody works on it.',
    why: 'Its job was changed past stager, or no worker has swept for ten minutes.',
    repair: 'It is queued once more, with all its attempts.',
    undo: NO,
  },
  job_without_image: {
    what: 'A job is open, and its image is deleted or has ended.',
    why: 'Rows were changed past stager.',
    repair: 'The job is canceled.',
    undo: NO,
  },
  upload_unfinalized: {
    what: 'An upload was begun and never finished, and its link has ended hours ago.',
    why: 'The client went away. Workers remove such uploads after an hour: that it is still there means that none does.',
    repair: 'The upload is removed, and what has arrived of it.',
    undo: NO,
  },
  multipart_leftover: {
    what: 'Parts of an upload, or a draft, that somebody began to write more than a day ago.',
    why: 'The writer was killed.',
    repair: 'The parts are removed.',
    undo: NO,
  },
  ledger_mismatch: {
    what: 'An image that is ready has not paid one unit, or one that failed or was canceled holds a unit of the plan.',
    why: 'The image or its unit was changed past stager.',
    repair:
      'The unit is settled where the image is ready, within the plan where it had been given back or was never taken; where it is not, the unit is given back. Skipped when it has been set right since.',
    undo: NO,
  },
  subscription_mismatch: {
    what: 'A subscription is not at Stripe what it is here.',
    why: 'Events of Stripe were lost, or could not be handled.',
    repair:
      'Its customer is asked for at Stripe again, as when an event comes, and what Stripe says is written. Skipped when it has changed since, and when its customer belongs to no account.',
    undo: NO,
  },
};
