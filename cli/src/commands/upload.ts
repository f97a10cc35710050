import { defineCommand } from '../command.ts';
import { integer, oneOf, type ParamValue, param } from '../parse.ts';
import { NO_PICTURES } from './pictures.ts';

const QUALITIES = ['preview', 'final'] as const;
const LABELS = ['on-image', 'caption'] as const;
const PRIORITIES = ['high', 'normal', 'low'] as const;

export interface UploadOptions {
  readonly project?: string;
  readonly room?: string;
  readonly style?: string;
  readonly seed?: number;
  readonly variations?: number;
  readonly engine?: string;
  readonly param?: Readonly<Record<string, ParamValue>>;
  readonly quality?: (typeof QUALITIES)[number];
  readonly label?: (typeof LABELS)[number];
  readonly layout?: string;
  readonly floor?: string;
  readonly horizon?: number;
  readonly priority?: (typeof PRIORITIES)[number];
  readonly wait?: boolean;
  readonly out?: string;
  readonly concurrency?: number;
  readonly dryRun?: boolean;
  /** False with `--no-pictures`. */
  readonly pictures?: boolean;
}

export const upload = defineCommand<[string[]], UploadOptions>({
  name: 'upload',
  summary: 'upload photos and have them made ready',
  description:
    'Takes photos (JPEG, PNG, WebP, AVIF, HEIC) and folders, which are searched all the way down. A photo that was sent ' +
    'before is not sent again, and what was made from it before is not made again: after Ctrl-C or a failure the same ' +
    'command continues where it was.',
  arguments: [{ name: '<paths...>', about: 'photos and folders' }],
  options: [
    { flags: '--project <project>', about: 'put them into this project: name or id; a new name makes it' },
    { flags: '--room <room>', about: 'what the photos show; see `stager catalog`' },
    { flags: '--style <style>', about: 'how to furnish; see `stager catalog`' },
    {
      flags: '--seed <n>',
      about: 'start of the random choices: the same seed gives the same result',
      parse: integer('--seed', 0, 4_294_967_295),
    },
    {
      flags: '--variations <n>',
      about: 'results per photo (default 1)',
      parse: integer('--variations', 1, 20),
    },
    { flags: '--engine <engine>', about: 'what works on them; see `stager catalog`' },
    {
      flags: '--param <name=value>',
      about: 'an option of the engine, as often as needed; see `stager catalog`',
      parse: param('--param'),
    },
    {
      flags: '--quality <quality>',
      about: 'of layout previews: preview is small and quick, for choosing; final (the default) is for use',
      parse: oneOf('--quality', QUALITIES),
    },
    {
      flags: '--label <where>',
      about: 'of layout previews: “Virtually staged” on-image (the default), or in a caption below',
      parse: oneOf('--label', LABELS),
    },
    {
      flags: '--layout <from>',
      about:
        'furnish as in this image (its id) or layout.json, also in other photos of the same room; see `stager images layout`',
    },
    {
      flags: '--floor <corners>',
      about: 'where the floor is, when the engine cannot tell: "x,y;x,y;x,y;x,y" in pixels of the photo',
    },
    {
      flags: '--horizon <y>',
      about: 'height at which the camera looks straight ahead, pixels from the top of the photo',
      parse: integer('--horizon', -20_000, 40_000),
    },
    {
      flags: '--priority <priority>',
      about: 'high, normal or low: which of your images are made first (default normal)',
      parse: oneOf('--priority', PRIORITIES),
    },
    { flags: '--wait', about: 'wait until all are ready; exit code 1 when one fails' },
    { flags: '--out <dir>', about: 'download the results to this folder; waits' },
    { flags: '--concurrency <n>', about: 'uploads at the same time', parse: integer('--concurrency', 1, 64) },
    NO_PICTURES,
    { flags: '--dry-run', about: 'look at the files, say which would be sent, and send nothing' },
  ],
  examples: [
    { command: 'stager upload ./listing-42 --wait --out ./staged', about: 'a folder, there and back' },
    {
      command: 'stager upload *.jpg --project "Elm Street 42"',
      about: 'send, and go on with something else',
    },
    { command: 'stager upload ./listing-42 --param longEdge=4096', about: 'with an option of the engine' },
    { command: 'stager upload ./listing-42 --engine finish', about: 'corrected photos, without furniture' },
    {
      command: 'stager upload hall.jpg --style modern --room living_room --wait --out staged',
      about: 'a layout preview: furniture in an empty room',
    },
    { command: 'stager upload ./archive --priority low', about: 'in bulk, behind what somebody waits for' },
    { command: 'stager upload ./listing-42 --dry-run', about: 'which files would be sent?' },
    { command: 'stager upload photos --wait --out staged --json > result.json', about: 'in a CI job' },
  ],
  async run(context, [paths], options) {
    const { upload: run } = await import('../actions/upload.ts');
    return run(context, paths, options);
  },
});
