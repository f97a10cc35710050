import { defineCommand, type GroupSpec } from '../command.ts';
import { integer, oneOf } from '../parse.ts';
import { layout } from './layout.ts';
import { NO_PICTURES } from './pictures.ts';

const STATES = ['queued', 'processing', 'ready', 'error', 'canceled'] as const;
const IDS = [{ name: '<ids...>', about: 'ids of images, as `stager images list` shows them' }];

const list = defineCommand<[], { limit?: number; state?: (typeof STATES)[number]; project?: string }>({
  name: 'list',
  summary: 'list images, newest first',
  options: [
    { flags: '--limit <n>', about: 'at most this many (default 50)', parse: integer('--limit', 1, 100_000) },
    { flags: '--state <state>', about: STATES.join(', '), parse: oneOf('--state', STATES) },
    { flags: '--project <project>', about: 'of this project: name or id' },
  ],
  examples: [
    { command: 'stager images list --state error', about: 'what went wrong?' },
    { command: "stager images list --json | jq -r '.[].id'", about: 'for a script' },
  ],
  async run(context, _args, options) {
    const { listImages } = await import('../actions/images.ts');
    context.io.print(await listImages(context, options));
  },
});

const get = defineCommand<[string], { pictures?: boolean }>({
  name: 'get',
  summary: 'everything about one image, with before and after where the terminal shows pictures',
  arguments: [{ name: '<id>', about: 'id of the image' }],
  options: [NO_PICTURES],
  examples: [{ command: 'stager images get img_01jd0000000000000000000000', about: 'why did it fail?' }],
  async run(context, [id], options) {
    const { getImage } = await import('../actions/images.ts');
    await getImage(context, id, options);
  },
});

const download = defineCommand<
  [string[]],
  { out: string | undefined; output: string | undefined; all?: boolean }
>({
  name: 'download',
  summary: 'download results',
  arguments: IDS,
  options: [
    { flags: '--out <dir>', about: 'folder for the files (default: this one)' },
    { flags: '--output <name>', about: 'only this output, or `original`; see `stager catalog`' },
    { flags: '--all', about: 'every output, and the photo as it was sent' },
  ],
  examples: [
    { command: 'stager images download img_01jd0000000000000000000000 --out ./staged', about: 'one image' },
    {
      command: 'stager images download img_01jd0000000000000000000000 --all --out ./hall',
      about: 'with masks, depth, layout and report, and the original beside them',
    },
    {
      command:
        "stager images list --state ready --json | jq -r '.[].id' | xargs stager images download --out ./staged",
      about: 'all that are ready',
    },
  ],
  async run(context, [ids], options) {
    const { downloadImages } = await import('../actions/download.ts');
    const { result, exit } = await downloadImages(context, ids, options);
    context.io.print(result);
    return exit;
  },
});

const retry = defineCommand<[string[]], { allFailed?: boolean; project?: string }>({
  name: 'retry',
  summary: 'queue images again that failed or were cancelled',
  arguments: [{ name: '[ids...]', about: 'ids of images, as `stager images list` shows them' }],
  options: [
    { flags: '--all-failed', about: 'all that failed, instead of ids' },
    { flags: '--project <project>', about: 'with --all-failed: of this project, name or id' },
  ],
  examples: [
    { command: 'stager images retry img_01jd0000000000000000000000', about: 'once more' },
    { command: 'stager images retry --all-failed --project "Elm Street 42"', about: 'a whole listing' },
  ],
  async run(context, [ids], options) {
    const { retryImages } = await import('../actions/changeImages.ts');
    const { result, exit } = await retryImages(context, ids, options);
    context.io.print(result);
    return exit;
  },
});

const cancel = defineCommand<[string[]]>({
  name: 'cancel',
  summary: 'cancel images that are not finished',
  arguments: IDS,
  examples: [{ command: 'stager images cancel img_01jd0000000000000000000000', about: 'not that one' }],
  async run(context, [ids]) {
    const { cancelImages } = await import('../actions/changeImages.ts');
    const { result, exit } = await cancelImages(context, ids);
    context.io.print(result);
    return exit;
  },
});

const remove = defineCommand<[string[]], { yes?: boolean }>({
  name: 'delete',
  summary: 'delete images with their results; the uploaded photos stay',
  arguments: IDS,
  options: [{ flags: '-y, --yes', about: 'do not ask' }],
  examples: [{ command: 'stager images delete img_01jd0000000000000000000000 --yes', about: 'in a script' }],
  async run(context, [ids], { yes }) {
    const { deleteImages } = await import('../actions/changeImages.ts');
    const { result, exit } = await deleteImages(context, ids, yes ?? false);
    context.io.print(result);
    return exit;
  },
});

export const images: GroupSpec = {
  name: 'images',
  summary: 'list, download, edit, retry, cancel and delete images',
  commands: [list, get, download, layout, retry, cancel, remove],
};
