import { defineCommand } from '../command.ts';
import { eventId } from '../parse.ts';

export const tail = defineCommand<
  [],
  { project?: string; image?: string; exitStatus?: boolean; after?: string }
>({
  name: 'tail',
  summary: 'follow what happens to images, as it happens',
  description:
    'Shows what is unfinished, then every change. It reconnects by itself and misses nothing on the way. With ' +
    '--exit-status it ends when all of that is finished: 0 when everything is ready, 1 when something failed.',
  options: [
    { flags: '--project <project>', about: 'of this project: name or id' },
    { flags: '--image <id>', about: 'of this image' },
    { flags: '--exit-status', about: 'end when what is unfinished now is finished, and say how it went' },
    {
      flags: '--after <event>',
      about: 'go on behind this event; Ctrl-C says which',
      parse: eventId('--after'),
    },
  ],
  examples: [
    { command: 'stager tail', about: 'everything, until Ctrl-C' },
    {
      command: 'stager tail --project "Elm Street 42" --exit-status',
      about: 'wait for a listing in a script',
    },
    { command: 'stager tail --json | jq -c .', about: 'one event a line' },
  ],
  async run(context, _args, options) {
    const { tailEvents } = await import('../actions/tail.ts');
    return tailEvents(context, options);
  },
});
