import { formatBytes } from '../io/text.ts';
import type { Progress } from './progress.ts';

/** Where there is nothing to draw on, a line is worth printing at each quarter. */
const STEPS = 4;

interface MilestoneOptions {
  readonly send: boolean;
  readonly wait: boolean;
  readonly variations: number;
}

/** Tells a run in a few lines, for logs. */
export class Milestones {
  readonly #options: MilestoneOptions;
  #started = false;
  #uploadStep = 0;
  #imageStep = 0;

  constructor(options: MilestoneOptions) {
    this.#options = options;
  }

  /** Lines that have become due. */
  next(progress: Progress): string[] {
    const { found, rejected, failedFiles, uploaded, existing, ready, failedImages } = progress;
    if (!progress.started || found === 0) return [];
    const lines: string[] = [];
    if (!this.#started) {
      this.#started = true;
      lines.push(`Found ${found === 1 ? '1 file' : `${found} files`}, ${formatBytes(progress.totalBytes)}.`);
    }
    const sent = uploaded + existing;
    const sendable = Math.max(sent, found - rejected - failedFiles);
    const uploadStep = stepOf(sent, sendable);
    if (this.#options.send && uploadStep > this.#uploadStep) {
      this.#uploadStep = uploadStep;
      lines.push(`Uploaded ${(uploadStep * 100) / STEPS} % (${sent} of ${sendable})`);
    }
    const ended = ready + failedImages;
    const expected = Math.max(progress.images, (found - rejected - failedFiles) * this.#options.variations);
    const imageStep = stepOf(ended, expected);
    if (this.#options.wait && imageStep > this.#imageStep) {
      this.#imageStep = imageStep;
      const how = failedImages > 0 ? `, ${failedImages} failed` : '';
      lines.push(`Finished ${(imageStep * 100) / STEPS} % (${ended} of ${expected}${how})`);
    }
    return lines;
  }
}

const stepOf = (part: number, all: number): number => (all > 0 ? Math.floor((part / all) * STEPS) : 0);
