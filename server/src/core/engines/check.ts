import type { z } from 'zod';
import { ENGINES, type EngineDescriptor } from './catalogue.ts';

export interface EngineRequest {
  readonly roomType: string | null;
  readonly style: string | null;
  readonly variations: number;
  readonly params: Readonly<Record<string, unknown>>;
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
