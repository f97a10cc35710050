import { type CommandSpec, type Example, isGroup, leavesOf } from '../command.ts';
import { commands } from '../commands/index.ts';
import { EXIT_MEANINGS } from '../exit.ts';
import { GLOBAL_OPTIONS } from '../program.ts';
import { PRECEDENCE, VARIABLES } from './topics.ts';

/** The reference page of the command line, in Markdown, from what the program itself is made of. */
export function renderReference(): string {
  return `${[
    '# Command line',
    '<!-- Written by `npm run generate` from the commands themselves. -->',
    'Every command takes `--help` and the options of the last table on this page. Results go to stdout, words and ' +
      'progress to stderr; with `--json`, stdout holds one JSON document and nothing else (`tail` and `login`: one a line).',
    ...commands.flatMap((entry) =>
      isGroup(entry)
        ? [
            `## stager ${entry.name}`,
            sentence(entry.summary),
            ...leavesOf(entry).flatMap(({ path, spec }) => describe(spec, path, '###')),
          ]
        : describe(entry, entry.name, '##'),
    ),
    '## Options of every command',
    table(
      ['option', 'meaning'],
      [...GLOBAL_OPTIONS.map(({ flags, about }) => [code(flags), about]), [code('-h, --help'), 'show help']],
    ),
    '## Exit codes',
    table(['code', 'meaning'], Object.entries(EXIT_MEANINGS)),
    'Under `--json` a failure prints `{"error": {"code", "message", "hint", "requestId", "docsUrl", "retryable", "next": ' +
      '[{"command", "when"}]}}` on stdout.',
    '## Environment',
    table(
      ['variable', 'meaning'],
      VARIABLES.map(({ name, about }) => [code(name), about]),
    ),
    'A flag wins over the environment, the environment over the profile, the profile over the default. ' +
      '`stager config list` shows what is in force and where it comes from.',
    PRECEDENCE,
    '## Files',
    'They are in `~/.config/stager`, or in `STAGER_CONFIG_DIR`; `stager config path` says where.',
    table(
      ['file', 'content'],
      [
        [
          code('config.json'),
          'settings: `{"profile": "work", "profiles": {"work": {"apiUrl": "https://api.example.com", "concurrency": 4}}}`',
        ],
        [
          code('credentials.json'),
          'logins and tokens, readable by you alone (0600); replaced in one step, renewed under a lock across processes',
        ],
        [
          code('pending-logins.json'),
          'logins that `stager login --start` began, readable by you alone (0600); gone when completed or expired',
        ],
      ],
    ),
  ].join('\n\n')}\n`;
}

function describe(spec: CommandSpec, path: string, heading: string): string[] {
  const args = (spec.arguments ?? []).map(({ name }) => ` ${name}`).join('');
  const options = spec.options ?? [];
  const rows = [
    ...(spec.arguments ?? []).map(({ name, about }) => [code(name), about]),
    ...options.map(({ flags, about }) => [code(flags), about]),
  ];
  return [
    `${heading} stager ${path}`,
    spec.description ?? sentence(spec.summary),
    `    stager ${path}${args}${options.length > 0 ? ' [options]' : ''}`,
    ...(rows.length > 0 ? [table(['', ''], rows)] : []),
    examples(spec.examples),
  ];
}

function examples(list: readonly Example[]): string {
  return ['```sh', ...list.map(({ command, about }) => `${command}  # ${about}`), '```'].join('\n');
}

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
const code = (text: string) => `\`${text}\``;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
