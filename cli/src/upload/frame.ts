import { clean } from '../io/clean.ts';
import type { LiveLine } from '../io/live.ts';
import type { Style } from '../io/style.ts';
import { count, formatBytes, formatSeconds } from '../io/text.ts';
import type { Progress } from './progress.ts';

const BAR_WIDTH = 20;
/** Lines of single photos under the bars. */
const DETAIL_LINES = 3;

/** `████░░░░`: a share of 0 to 1. */
export function bar(share: number, width = BAR_WIDTH): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width);
  return '█'.repeat(full) + '░'.repeat(width - full);
}

interface FrameOptions {
  readonly wait: boolean;
  readonly download: boolean;
  readonly variations: number;
  /** Bytes per second, when known. */
  readonly rate: number | undefined;
}

/** What the terminal shows of a run at this moment. */
export function renderFrame(progress: Progress, options: FrameOptions, style: Style): LiveLine[] {
  if (!progress.started) return [{ text: 'Looking for photos…' }];
  const lines: LiveLine[] = [{ text: uploadLine(progress, options.rate) }];
  if (options.wait) lines.push({ text: imageLine(progress, options) });
  for (const text of details(progress)) lines.push({ text, paint: style.dim });
  return lines;
}

function uploadLine(progress: Progress, rate: number | undefined): string {
  const { found, settledFiles, totalBytes, doneBytes, hashed } = progress;
  const share = totalBytes > 0 ? doneBytes / totalBytes : settledFiles / found;
  const parts = [`Photos  ${bar(settledFiles === found ? 1 : share)}`, `${settledFiles}/${found}`];
  if (found === settledFiles) {
    parts.push(
      [`${progress.uploaded} sent`, ...(progress.existing ? [`${progress.existing} there before`] : [])].join(
        ', ',
      ),
    );
  } else if (doneBytes === 0 && hashed < found) {
    parts.push(`reading ${hashed}/${found}`);
  } else {
    parts.push(`${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`);
    if (rate)
      parts.push(
        `${formatBytes(rate)}/s`,
        `${formatSeconds(Math.ceil((totalBytes - doneBytes) / rate))} left`,
      );
  }
  return parts.join('  ');
}

function imageLine(progress: Progress, { variations, download }: FrameOptions): string {
  const { found, rejected, failedFiles, ready, failedImages, working, downloaded } = progress;
  const expected = Math.max(progress.images, (found - rejected - failedFiles) * variations);
  const parts = [
    `Images  ${bar(expected > 0 ? (ready + failedImages) / expected : 1)}`,
    `${ready}/${expected} ready`,
  ];
  if (working.size > 0) parts.push(`${working.size} in work`);
  if (failedImages > 0) parts.push(`${failedImages} failed`);
  if (download && downloaded > 0) parts.push(`${count(downloaded, 'file')} saved`);
  return parts.join('  ');
}

function details(progress: Progress): string[] {
  const working = [...progress.working.values()].map(({ file, progress: share, stage }) => {
    const parts = [stage ? clean(stage) : 'begins', ...(share ? [`${Math.round(share * 100)} %`] : [])];
    return `  ${clean(file)}  ${parts.join(' ')}`;
  });
  const sending = progress.uploading.map((file) => `  ${clean(file)}  sending`);
  const all = [...working, ...sending];
  const shown = all.slice(0, DETAIL_LINES);
  if (all.length > shown.length) shown.push(`  and ${all.length - shown.length} more`);
  return shown;
}
