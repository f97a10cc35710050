import { defineCommand } from '../command.ts';

export const catalog = defineCommand<[]>({
  name: 'catalog',
  summary: 'what this installation can do: engines, rooms, styles, limits',
  examples: [
    { command: 'stager catalog', about: 'what can I ask for?' },
    { command: "stager catalog --json | jq -r '.engines[].name'", about: 'for a script' },
  ],
  async run(context) {
    const { showCatalog } = await import('../actions/catalog.ts');
    context.io.print(await showCatalog(context));
  },
});
