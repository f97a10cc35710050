import type { z } from 'zod';
import type { Layout } from '../../contract/index.ts';
import { ENGINES, type EngineDescriptor } from './catalogue.ts';

export interface EngineRequest {
  readonly roomType: string | null;
  readonly style: string | null;
  readonly variations: number;
  readonly params: Readonly<Record<string, unknown>>;
  /** To be rendered instead of one that the engine chooses. */
  readonly layout?: Pick<Layout, 'pieces'> | null;
}

export interface EngineRefusal {
  /** Stable snake_case word. */
  readonly code: string;
  /** What, which rule, and what to do instead. */
  readonly message: string;
}

type Choice = 'rooms' | 'styles';

const WORDS = {
  rooms: { one: 'room type', many: 'room types', code: 'room' },
  styles: { one: 'style', many: 'styles', code: 'style' },
} as const;

/** Why an engine cannot do what is asked, or null. `installed` is what a refusal may recommend. */
export function checkEngineRequest(
  engine: EngineDescriptor | string,
  request: EngineRequest,
  installed: readonly EngineDescriptor[] = ENGINES,
): EngineRefusal | null {
  const descriptor = typeof engine === 'string' ? installed.find((known) => known.name === engine) : engine;
  if (!descriptor) return unknownEngine(String(engine), installed);
  return (
    checkLayout(descriptor, request) ??
    checkChoice(descriptor, 'styles', request.style, installed) ??
    checkChoice(descriptor, 'rooms', request.roomType, installed) ??
    checkVariations(descriptor, request.variations) ??
    checkParams(descriptor, request.params)
  );
}

function unknownEngine(name: string, installed: readonly EngineDescriptor[]): EngineRefusal {
  return {
    code: 'unknown_engine',
    message: `There is no engine ${JSON.stringify(name)}. Installed: ${list(installed.map((known) => known.name))}.`,
  };
}

function checkChoice(
  descriptor: EngineDescriptor,
  choice: Choice,
  value: string | null,
  installed: readonly EngineDescriptor[],
): EngineRefusal | null {
  if (value === null) return null;
  const offered = descriptor[choice];
  const words = WORDS[choice];
  if (offered.length === 0) {
    const why = descriptor.choiceless === null ? '' : `: ${descriptor.choiceless}`;
    return {
      code: `engine_takes_no_${words.code}`,
      message: `The engine ${descriptor.name} does not take a ${words.one}${why}. ${advise(choice, installed)}`,
    };
  }
  if (offered.includes(value)) return null;
  return {
    code: `unknown_${words.code}`,
    message: `The engine ${descriptor.name} has no ${words.one} ${JSON.stringify(value)}. It has: ${list(offered)}.`,
  };
}

function advise(choice: Choice, installed: readonly EngineDescriptor[]): string {
  const { one, many } = WORDS[choice];
  const able = installed.filter((known) => known[choice].length > 0).map((known) => known.name);
  if (able.length === 0) return `No installed engine takes ${many} yet; leave the ${one} out.`;
  return `Leave the ${one} out, or choose an engine that has ${many}: ${list(able)}.`;
}

function checkVariations(descriptor: EngineDescriptor, variations: number): EngineRefusal | null {
  const most = descriptor.maxVariations;
  if (variations <= most) return null;
  const limit = most === 1 ? 'makes one result of a photo' : `makes at most ${most} variations of a photo`;
  return {
    code: 'too_many_variations',
    message: `The engine ${descriptor.name} ${limit}; ${variations} were asked for. Set variations to ${most} or less.`,
  };
}

/** Its words only: whether its pieces have room is for the engine to see. */
function checkLayout(
  { name, pieces }: EngineDescriptor,
  { layout, variations }: EngineRequest,
): EngineRefusal | null {
  if (!layout) return null;
  if (pieces.length === 0)
    return {
      code: 'engine_takes_no_layout',
      message: `The engine ${name} does not take a layout. Leave it out, or choose an engine that furnishes.`,
    };
  if (variations > 1)
    return {
      code: 'too_many_variations',
      message: `A layout makes one result of a photo; ${variations} were asked for. Set variations to 1.`,
    };
  const unknown = layout.pieces.flatMap(({ kind }, n) =>
    pieces.includes(kind) ? [] : [`pieces[${n}] is a ${JSON.stringify(kind)}`],
  );
  if (unknown.length === 0) return null;
  return {
    code: 'layout_invalid',
    message: `The engine ${name} does not have all pieces of the layout: ${list(unknown)}. It has: ${list(pieces)}.`,
  };
}

function checkParams(
  descriptor: EngineDescriptor,
  params: Readonly<Record<string, unknown>>,
): EngineRefusal | null {
  const parsed = descriptor.params.safeParse(params);
  if (parsed.success) return null;
  const allowed = Object.keys(descriptor.params.shape);
  const known = allowed.length === 0 ? 'It takes no params.' : `It takes: ${list(allowed)}.`;
  return {
    code: 'invalid_params',
    message: `The params of the engine ${descriptor.name} are not valid: ${parsed.error.issues.map(say).join('; ')}. ${known}`,
  };
}

function say(issue: z.core.$ZodIssue): string {
  const path = issue.path.join('.');
  return path === '' ? issue.message : `${path}: ${issue.message}`;
}

function list(names: readonly string[]): string {
  return names.join(', ');
}
