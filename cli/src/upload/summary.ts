import type { StageSummary } from '@stager/sdk';
import { type NextStep, PLANS_STEP } from '../errors.ts';
import { clean } from '../io/clean.ts';
import type { Rendered, View } from '../io/io.ts';
import { count, fit, formatBytes, formatSeconds, padTo, textWidth, wrap } from '../io/text.ts';
import type { FileError, FileRecord, Progress } from './progress.ts';

export interface UploadFacts {
  readonly progress: Progress;
  readonly summary: StageSummary;
  readonly project: { readonly id: string; readonly name: string; readonly created: boolean } | undefined;
  readonly wait: boolean;
  readonly dryRun: boolean;
  readonly out: string | undefined;
  /** The command line that was run. */
  readonly command: string;
}

interface Failed {
  readonly file: string;
  /** The image that failed; null when the file itself did, or a result could not be saved. */
  readonly imageId: string | null;
  /** The image is ready, and a result of it could not be fetched or saved. */
  readonly unsaved: boolean;
  readonly error: FileError;
}

const byName = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** As people number things: photo-2 before photo-10. */
const compareNames = (a: string, b: string): number => byName.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);

function inOrder(progress: Progress): FileRecord[] {
  return [...progress.files.values()].toSorted((a, b) => compareNames(a.file, b.file));
}

export function failuresOf(progress: Progress): Failed[] {
  return inOrder(progress).flatMap((file) => [
    ...(file.error ? [{ file: file.file, imageId: null, unsaved: false, error: file.error }] : []),
    ...[...file.images.values()].flatMap(({ id, state, error }) => {
      const ended = state === 'error';
      return error ? [{ file: file.file, imageId: ended ? id : null, unsaved: !ended, error }] : [];
    }),
  ]);
}

function hasUnfinished({ images }: FileRecord): boolean {
  return [...images.values()].some(({ state }) => state === 'queued' || state === 'processing');
}

/** What to do next, in the order in which it is worth trying. */
export function nextSteps({ progress, project, wait, dryRun, out, command }: UploadFacts): NextStep[] {
  const steps: NextStep[] = [];
  const failed = failuresOf(progress);
  const images = failed.flatMap(({ imageId, error }) =>
    imageId !== null && error.retryable ? [imageId] : [],
  );
  if (images.length > 0) {
    steps.push({
      command: `stager images retry ${images.join(' ')}`,
      when: 'to try the failed images again',
    });
  }
  if (failed.some(({ unsaved }) => unsaved)) {
    steps.push({ command, when: 'to save what could not be saved; nothing is sent or made again' });
  }
  if (failed.some(({ imageId, unsaved, error }) => imageId === null && !unsaved && error.retryable)) {
    steps.push({ command, when: 'to send again what could not be sent' });
  }
  if (failed.some(({ error }) => error.code === 'quota_exceeded')) {
    steps.push(PLANS_STEP, {
      command,
      when: 'to make what is missing, when there is room; nothing is sent or made again',
    });
  }
  if (dryRun) return steps;
  if (!wait && [...progress.files.values()].some(hasUnfinished)) {
    const filter = project ? ` --project ${project.id}` : '';
    steps.push({ command: `stager tail${filter} --exit-status`, when: 'to follow them' });
  }
  if (wait && out === undefined && progress.ready > 0) {
    steps.push({
      command: `${command} --out ./staged`,
      when: 'to download the results; nothing is sent or made again',
    });
  }
  return steps;
}

/** The end of a run, as one document and in words. */
export function renderUpload(facts: UploadFacts): Rendered {
  const { progress, summary, project, dryRun } = facts;
  return {
    json: () => ({
      dryRun,
      project: project ?? null,
      summary,
      files: inOrder(progress).map(describeFile),
      next: nextSteps(facts),
    }),
    text(view) {
      const lines = dryRun ? dryRunText(facts, view) : runText(facts, view);
      const steps = nextSteps(facts).map(
        ({ command, when }) => `${view.style.dim(when.replace(/^to /, 'To '))}:\n  ${command}`,
      );
      return [...lines, ...steps].join('\n');
    },
  };
}

function describeFile({ file, status, size, error, images }: FileRecord) {
  return { file, status, size, error, images: [...images.values()] };
}

function runText(facts: UploadFacts, view: View): string[] {
  const { progress, summary, wait, out } = facts;
  const { style } = view;
  const lines: string[] = [];
  const existing = summary.existing > 0 ? `, ${count(summary.existing, 'photo')} there before` : '';
  lines.push(`${sentText(summary)}${existing}, in ${formatSeconds(summary.durationMs / 1000)}.`);
  if (wait) {
    const reused = summary.reused > 0 ? `, ${summary.reused} of them made before` : '';
    lines.push(style.green(`${count(summary.ready, 'image is', 'images are')} ready${reused}.`));
    if (out !== undefined) {
      const unchanged =
        summary.unchanged > 0
          ? `, ${summary.unchanged} ${summary.unchanged === 1 ? 'was' : 'were'} there`
          : '';
      lines.push(`Results: ${clean(out)} (${count(summary.downloaded, 'file')} saved${unchanged})`);
    }
  } else {
    for (const { file, images } of inOrder(progress)) {
      for (const { id } of images.values()) lines.push(`${id}  ${clean(file)}`);
    }
  }
  return [...lines, ...failureText(facts, view)];
}

function sentText({ uploaded, existing, bytesSent }: StageSummary): string {
  if (uploaded > 0) return `${count(uploaded, 'photo')} sent (${formatBytes(bytesSent)})`;
  if (bytesSent > 0) return `${formatBytes(bytesSent)} sent, of which nothing was accepted`;
  return existing > 0 ? 'Nothing had to be sent' : 'Nothing was sent';
}

function failureText({ progress }: UploadFacts, { style, columns }: View): string[] {
  const failed = failuresOf(progress);
  if (failed.length === 0) return [];
  const width = Math.min(30, Math.max(...failed.map(({ file }) => textWidth(clean(file)))));
  const indent = ' '.repeat(width + 4);
  return [
    '',
    style.red(`${failed.length} failed:`),
    ...failed.flatMap(({ file, error }, at) => {
      // What stands in the way of all is said once.
      const same = at > 0 && failed[at - 1]?.error.message === error.message;
      const [first = '', ...rest] = wrap(same ? 'the same' : clean(error.message), columns, indent);
      if (same) return [`  ${padTo(fit(clean(file), width), width)}  ${style.dim(first.trimStart())}`];
      const hint = error.hint ? wrap(clean(error.hint), columns, indent).map(style.dim) : [];
      const page = error.link ? [`${indent}${style.dim(`In the browser: ${clean(error.link)}`)}`] : [];
      return [`  ${padTo(fit(clean(file), width), width)}  ${first.trimStart()}`, ...rest, ...hint, ...page];
    }),
  ];
}

function dryRunText(facts: UploadFacts, view: View): string[] {
  const { progress, summary } = facts;
  const { style } = view;
  const rows = inOrder(progress).map((file) => {
    const size = formatBytes(file.size);
    if (file.error) return `${style.red('refused')}  ${clean(file.file)}  ${clean(file.error.message)}`;
    if (file.status === 'skipped') return style.dim(`left out  ${clean(file.file)}  no photo`);
    return `${style.green('send')}      ${clean(file.file)}  ${style.dim(size)}`;
  });
  const sendable = [...progress.files.values()].filter(({ status }) => status === 'accepted');
  const bytes = sendable.reduce((sum, { size }) => sum + size, 0);
  return [
    ...rows,
    '',
    `Nothing was sent. Would send ${count(sendable.length, 'photo')}, ${formatBytes(bytes)}` +
      `${summary.rejected > 0 ? `; ${summary.rejected} refused` : ''}${summary.skipped > 0 ? `; ${summary.skipped} left out` : ''}.`,
    ...(sendable.length > 0 ? [style.dim('What the account has already is not sent again.')] : []),
  ];
}
