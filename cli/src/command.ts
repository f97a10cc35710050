import type { Context } from './context.ts';

export interface Example {
  readonly command: string;
  readonly about: string;
}

export interface ArgumentSpec {
  /** In commander's notation: `<id>`, `[name]`, `<paths...>`. */
  readonly name: string;
  readonly about: string;
}

export interface OptionSpec {
  /** In commander's notation: `--limit <n>`. */
  readonly flags: string;
  readonly about: string;
  /**
   * Turns what was typed into a value.
   * @throws CliError when it cannot
   */
  /** @param before what earlier uses of the option gave */
  readonly parse?: (text: string, before?: unknown) => unknown;
}

/**
 * A command as data: the parser, the help texts and the reference page are made from it. An example is
 * required, as people read examples before anything else.
 */
export interface CommandSpec {
  readonly name: string;
  readonly summary: string;
  readonly description?: string;
  readonly arguments?: readonly ArgumentSpec[];
  readonly options?: readonly OptionSpec[];
  readonly examples: readonly [Example, ...Example[]];
  /** Parsed arguments, in order; a variadic one is a list. */
  readonly run: (
    context: Context,
    args: readonly unknown[],
    options: Readonly<Record<string, unknown>>,
  ) => Promise<Outcome>;
}

/** A group of commands, `stager projects list`, or of groups, `stager admin accounts list`. */
export interface GroupSpec {
  readonly name: string;
  readonly summary: string;
  readonly commands: readonly [CommandSpec | GroupSpec, ...(CommandSpec | GroupSpec)[]];
  /** What the name of the group does by itself. */
  readonly own?: CommandSpec;
}

export const isGroup = (spec: CommandSpec | GroupSpec): spec is GroupSpec => 'commands' in spec;

/** Every command at or below one, with the words that lead to it. */
export function leavesOf(
  spec: CommandSpec | GroupSpec,
  above: readonly string[] = [],
): { readonly path: string; readonly spec: CommandSpec }[] {
  const words = [...above, spec.name];
  if (!isGroup(spec)) return [{ path: words.join(' '), spec }];
  const own = spec.own ? [{ path: words.join(' '), spec: spec.own }] : [];
  return [...own, ...spec.commands.flatMap((command) => leavesOf(command, words))];
}

/** Exit code of a command that did not throw; nothing means 0. */
// biome-ignore lint/suspicious/noConfusingVoidType: a command that returns nothing has succeeded
export type Outcome = number | void;

/** What the parser hands over, typed by the command that declared it. */
interface TypedSpec<A extends readonly unknown[], O> extends Omit<CommandSpec, 'run'> {
  readonly run: (context: Context, args: A, options: Readonly<O>) => Promise<Outcome>;
}

/** Gives `run` the types that belong to the declared arguments and options. */
export function defineCommand<A extends readonly unknown[], O = object>(spec: TypedSpec<A, O>): CommandSpec {
  // The parser builds exactly the values that `arguments` and `options` of the same object describe.
  return spec as unknown as CommandSpec;
}
