import type { Refused } from '../../cli/src/sheet/page.ts';

/** Codes of photos that the layout engine looked at and will not furnish: an answer, not a failure. */
const REFUSALS = ['not_a_room', 'geometry_uncertain', 'room_not_empty', 'no_floor_space'];

export interface Uploaded {
  readonly ready: number;
  /** By the name of the photo. */
  readonly refused: readonly Refused[];
  /** What went wrong with the others, a line each. */
  readonly failed: readonly string[];
}

interface Told {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}

interface FileOf {
  readonly file: string;
  readonly error: Told | null;
  readonly images: readonly { readonly state: string; readonly error: Told | null }[];
}

/** Reads what `stager upload --wait --json` printed. */
export function readUploaded(text: string): Uploaded {
  // The form that the command's own tests hold it to.
  const { files } = JSON.parse(text) as { files: readonly FileOf[] };
  const refused: Refused[] = [];
  const failed: string[] = [];
  let ready = 0;
  for (const { file, error: own, images } of files)
    for (const { state, error } of own ? [{ state: 'error', error: own }] : images) {
      if (state === 'ready' && !error) ready += 1;
      else if (error && REFUSALS.includes(error.code)) refused.push({ name: file, ...toldOf(error) });
      else if (error) failed.push(`${file}: ${error.message}`);
    }
  return { ready, refused, failed };
}

function toldOf({ code, message, hint }: Told): Omit<Refused, 'name'> {
  return { code, message, hint };
}
