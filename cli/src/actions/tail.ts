import type { BillingPlanEvent, Image, ImageEvent, Stager, UsageEvent } from '@stager/sdk';
import type { Context } from '../context.ts';
import { Interrupted, type NextStep } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { clean } from '../io/clean.ts';
import type { Rendered, View } from '../io/io.ts';
import { paintState } from '../io/state.ts';
import { count, fit, padTo, shellQuote } from '../io/text.ts';
import { requireImageId } from '../parse.ts';
import { Names } from '../tail/names.ts';
import { type Tally, Tracker } from '../tail/tracker.ts';
import { requireProject } from './projects.ts';

interface TailOptions {
  readonly project?: string;
  readonly image?: string;
  readonly exitStatus?: boolean;
  readonly after?: string;
}

/** Prints events until Ctrl-C, or with `exitStatus` until what was unfinished has ended. */
export async function tailEvents(context: Context, options: TailOptions): Promise<ExitCode> {
  const { io, signal } = context;
  const client = await context.stager();
  const filter = await readFilter(context, options);
  const tracker = new Tracker();
  const names = new Names(client, signal);
  const stages = new Map<string, string>();
  let lastEventId = options.after;
  let truncated: boolean;
  do {
    truncated = false;
    const events = client.events({
      ...filter,
      ...(lastEventId === undefined || options.exitStatus ? {} : { lastEventId }),
      signal,
      onReconnect: ({ failures, delayMs }) => {
        if (failures === 2)
          io.say(
            io.words.style.dim(
              `The connection is gone; trying again (every ${Math.ceil(delayMs / 1000)} s or more).`,
            ),
          );
      },
    });
    for await (const event of events) {
      lastEventId = event.id ?? lastEventId;
      if (event.type === 'snapshot') {
        names.add(event.images);
        truncated = event.truncated;
        io.emit(renderSnapshot(event));
        for (const id of tracker.takeSnapshot(event.images)) await lookUp(client, tracker, id, signal);
      } else if ('imageId' in event) {
        tracker.takeEvent(event);
        if (io.json) io.emit({ json: () => event, text: () => '' });
        else if (isNews(event, stages)) io.emit(renderEvent(event, await names.of(event.imageId)));
      } else if ('limit' in event) {
        io.emit(renderUsage(event));
      } else if (event.type === 'billing.plan_changed') {
        io.emit(renderPlan(event));
      } else if (event.type === 'reset') {
        io.say('Events were missed, as the last one seen is too old. What is unfinished now:');
      }
      if (options.exitStatus && tracker.done) break;
    }
    // A snapshot holds a thousand images at most: when these are done, the next thousand are looked at.
    if (truncated) tracker.restart();
  } while (options.exitStatus && truncated && !signal.aborted);
  if (signal.aborted) throw new Interrupted(resume(options, lastEventId));
  return conclude(context, options, tracker.tally, client);
}

async function readFilter(context: Context, { project, image }: TailOptions) {
  return {
    ...(project === undefined ? {} : { projectId: (await requireProject(context, project)).id }),
    ...(image === undefined ? {} : { imageId: requireImageId(image) }),
  };
}

async function lookUp(client: Stager, tracker: Tracker, id: string, signal: AbortSignal): Promise<void> {
  const { NotFoundError } = await import('@stager/sdk');
  const state = await client.images.get(id, { signal }).then(
    (image) => image.state,
    (error: unknown) => {
      if (NotFoundError.isInstance(error)) return 'deleted' as const;
      throw error;
    },
  );
  tracker.takeState(id, state);
}

/** Progress comes several times a second; a line is worth it only when something else is being done. */
function isNews(event: ImageEvent, stages: Map<string, string>): boolean {
  if (event.type !== 'image.progress') return true;
  const stage = event.stage ?? '';
  if (stages.get(event.imageId) === stage) return false;
  stages.set(event.imageId, stage);
  return stage !== '';
}

function renderSnapshot(event: { images: readonly Image[]; truncated: boolean }): Rendered {
  return {
    json: () => event,
    text({ style }) {
      if (event.images.length === 0) return style.dim('Nothing is unfinished.');
      const more = event.truncated ? ' and more' : '';
      return [
        style.dim(`${count(event.images.length, 'image')}${more} unfinished:`),
        ...event.images.map(
          (image) =>
            `  ${paintState(image.state, padTo(image.state, 10), style)}  ${clean(image.name ?? image.id)}`,
        ),
      ].join('\n');
    },
  };
}

function renderEvent(event: ImageEvent, name: string): Rendered {
  return {
    json: () => event,
    text(view) {
      const time = clockOf(event.at);
      const word = event.type.replace('image.', '');
      const left = `${time}  ${padTo(word, 10)}  `;
      const text = fit(`${clean(name)}${detail(event)}`, Math.max(20, view.columns - left.length));
      return `${view.style.dim(time)}  ${paintWord(event, padTo(word, 10), view)}  ${text}`;
    },
  };
}

function renderPlan(event: BillingPlanEvent): Rendered {
  return {
    json: () => event,
    text: ({ style }) =>
      `${style.dim(clockOf(event.at))}  ${style.cyan(padTo('plan', 10))}  ${clean(event.plan)} is in force, before it was ${clean(event.previousPlan)}`,
  };
}

function renderUsage(event: UsageEvent): Rendered {
  return {
    json: () => event,
    text({ style }) {
      const { used, limit, period } = event;
      const left = `${clean(event.plan)}: ${used} of ${count(limit, 'image')} used until ${period.end.slice(0, 10)}`;
      const help = used >= limit ? '. See: stager billing plans' : '';
      return `${style.dim(clockOf(event.at))}  ${style.yellow(padTo('usage', 10))}  ${left}${help}`;
    },
  };
}

function clockOf(at: string): string {
  return new Date(at).toTimeString().slice(0, 8);
}

function paintWord(event: ImageEvent, word: string, { style }: View): string {
  if (event.type === 'image.progress' || event.type === 'image.deleted') return style.dim(word);
  return paintState(event.state, word, style);
}

function detail(event: ImageEvent): string {
  const parts: string[] = [];
  if (event.error) parts.push(`${event.error.message} (${event.error.code})`);
  if (event.stage) parts.push(event.stage);
  if (event.progress !== undefined) parts.push(`${Math.round(event.progress * 100)} %`);
  if (event.willRetry) parts.push(`will try again, attempt ${event.attempt + 1}`);
  return parts.length > 0 ? `: ${clean(parts.join(', '))}` : '';
}

function resume({ project, image, exitStatus }: TailOptions, lastEventId: string | undefined): NextStep {
  const words = [
    'stager tail',
    ...(project === undefined ? [] : ['--project', shellQuote(project)]),
    ...(image === undefined ? [] : ['--image', image]),
    // With --exit-status a fresh look at what is unfinished is what counts.
    ...(exitStatus
      ? ['--exit-status']
      : lastEventId === undefined
        ? []
        : ['--after', shellQuote(lastEventId)]),
  ];
  return { command: words.join(' '), when: 'to go on from here' };
}

async function conclude(
  context: Context,
  options: TailOptions,
  tally: Tally,
  client: Stager,
): Promise<ExitCode> {
  const { io, signal } = context;
  if (!options.exitStatus) return EXIT.ok;
  const { ready, failed, canceled } = tally;
  // An image that is named counts as well when it had ended before we looked.
  if (options.image !== undefined && ready + failed + canceled === 0) {
    const { state } = await client.images.get(options.image, { signal });
    io.say(`${options.image} is ${state}.`);
    return state === 'ready' ? EXIT.ok : EXIT.failed;
  }
  const parts = [
    `${ready} ready`,
    ...(failed ? [`${failed} failed`] : []),
    ...(canceled ? [`${canceled} cancelled`] : []),
  ];
  if (ready + failed + canceled > 0) io.say(parts.join(', '));
  if (failed > 0) io.say('See: stager images list --state error');
  return failed + canceled > 0 ? EXIT.failed : EXIT.ok;
}
