import { formatBytes } from '../io/text.ts';
import type { Progress } from './progress.ts';

/** Where there is nothing to draw on, a line is worth printing at each quarter. */
const STEPS = 4;

interface MilestoneOptions {
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
    const { found, rejected, failedFiles, ready, failedImages } = progress;
    if (!progress.started || found === 0) return [];
    const lines: string[] = [];
    if (!this.#started) {
      this.#started = true;
      lines.push(`Found ${found === 1 ? '1 file' : `${found} files`}, ${formatBytes(progress.totalBytes)}.`);
    }
    const uploadStep = Math.floor((progress.settledFiles / found) * STEPS);
    if (uploadStep > this.#uploadStep) {
      this.#uploadStep = uploadStep;
      lines.push(`Uploaded ${(uploadStep * 100) / STEPS} % (${progress.settledFiles} of ${found})`);
    }
    const expected = Math.max(progress.images, (found - rejected - failedFiles) * this.#options.variations);
    const imageStep = expected > 0 ? Math.floor(((ready + failedImages) / expected) * STEPS) : 0;
    if (this.#options.wait && imageStep > this.#imageStep) {
      this.#imageStep = imageStep;
      lines.push(`Ready ${(imageStep * 100) / STEPS} % (${ready + failedImages} of ${expected})`);
    }
    return lines;
  }
}
