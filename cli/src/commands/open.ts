import { defineCommand } from '../command.ts';

export const open = defineCommand<[string[]], { out?: string; browser?: boolean }>({
  name: 'open',
  summary: 'a contact sheet with before and after, in the browser',
  description:
    'Writes one HTML file with the pictures in it, which needs no network and can be passed on: each result beside its photo, ' +
    'with a slider, its room, style, score and label. Where there is no browser, the path is printed.',
  arguments: [{ name: '[what...]', about: 'a folder of results (default: ./staged), or ids of images' }],
  options: [
    { flags: '--out <file>', about: 'where the page is written (default: index.html in the folder)' },
    { flags: '--no-browser', about: 'only write the page' },
  ],
  examples: [
    { command: 'stager open ./staged', about: 'what `stager upload --out ./staged` made' },
    { command: 'stager open img_01jd0000000000000000000000 --out hall.html', about: 'one image, to pass on' },
  ],
  async run(context, [what], options) {
    const { openSheet } = await import('../actions/open.ts');
    context.io.print(await openSheet(context, what, options));
  },
});
