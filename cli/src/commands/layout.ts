import { defineCommand, type GroupSpec } from '../command.ts';
import { NO_PICTURES } from './pictures.ts';

const IMAGE = { name: '<image>', about: 'id of the image' };

const get = defineCommand<[string], { out?: string }>({
  name: 'get',
  summary: 'the room and the furniture of an image, to be edited',
  description:
    'Prints layout.json: where each piece stands, in metres, and the room as it was understood from the photo.',
  arguments: [IMAGE],
  options: [{ flags: '--out <file>', about: 'write it to this file' }],
  examples: [
    {
      command: 'stager images layout get img_01jd0000000000000000000000 --out layout.json',
      about: 'to be edited, and sent back with `layout set`',
    },
    {
      command: "stager images layout get img_01jd0000000000000000000000 | jq -r '.pieces[].kind'",
      about: 'what stands in the room?',
    },
  ],
  async run(context, [image], options) {
    const { getLayout } = await import('../actions/layouts.ts');
    context.io.print(await getLayout(context, image, options));
  },
});

const set = defineCommand<[string, string], { style?: string; wait?: boolean; pictures?: boolean }>({
  name: 'set',
  summary: 'make another image of the same photo with an edited layout',
  description:
    'The image that is named stays as it is; the new one has the same photo, name, project and options. A layout that was ' +
    'not changed gives the same picture, byte by byte. Pieces that overlap or stand beyond the floor are refused by name.',
  arguments: [IMAGE, { name: '<file>', about: 'the layout, or - to read it from stdin' }],
  options: [
    { flags: '--style <style>', about: 'instead of the style that stands in the layout' },
    { flags: '--wait', about: 'wait until it is ready; exit code 1 when it fails' },
    NO_PICTURES,
  ],
  examples: [
    {
      command: 'stager images layout set img_01jd0000000000000000000000 layout.json --wait',
      about: 'after editing',
    },
    {
      command:
        'stager images layout get $IMAGE | jq \'del(.pieces[] | select(.kind == "plant"))\' | stager images layout set $IMAGE -',
      about: 'without plants',
    },
  ],
  async run(context, [image, file], options) {
    const { setLayout } = await import('../actions/layouts.ts');
    return setLayout(context, image, file, options);
  },
});

export const layout: GroupSpec = {
  name: 'layout',
  summary: 'get and set the furniture of an image',
  commands: [get, set],
};
