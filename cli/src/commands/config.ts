import { defineCommand, type GroupSpec } from '../command.ts';

const list = defineCommand<[]>({
  name: 'list',
  summary: 'what is in force, and where it comes from',
  examples: [{ command: 'stager config list', about: 'which API do I talk to, and why?' }],
  async run(context) {
    const { listSettings } = await import('../actions/config.ts');
    context.io.print(await listSettings(context));
  },
});

const get = defineCommand<[string]>({
  name: 'get',
  summary: 'one value that is in force',
  arguments: [{ name: '<key>', about: 'apiUrl, concurrency, pictures or profile' }],
  examples: [{ command: 'stager config get apiUrl', about: 'for a script' }],
  async run(context, [key]) {
    const { getSetting } = await import('../actions/config.ts');
    context.io.print(await getSetting(context, key));
  },
});

const set = defineCommand<[string, string]>({
  name: 'set',
  summary: 'set a value of the profile; makes the profile if need be',
  arguments: [
    { name: '<key>', about: 'apiUrl, concurrency or pictures' },
    { name: '<value>', about: 'the value' },
  ],
  examples: [
    { command: 'stager config set apiUrl https://api.example.com', about: 'of the profile in use' },
    { command: 'stager config set apiUrl https://api.example.com --profile work', about: 'of another one' },
  ],
  async run(context, [key, value]) {
    const { setSetting } = await import('../actions/config.ts');
    context.io.print(await setSetting(context, key, value));
  },
});

const unset = defineCommand<[string]>({
  name: 'unset',
  summary: 'remove a value of the profile',
  arguments: [{ name: '<key>', about: 'apiUrl, concurrency or pictures' }],
  examples: [{ command: 'stager config unset concurrency', about: 'back to the default' }],
  async run(context, [key]) {
    const { unsetSetting } = await import('../actions/config.ts');
    context.io.print(await unsetSetting(context, key));
  },
});

const path = defineCommand<[]>({
  name: 'path',
  summary: 'the folder of settings and logins',
  examples: [{ command: 'ls -l "$(stager config path)"', about: 'what is kept there?' }],
  async run(context) {
    const { showPath } = await import('../actions/config.ts');
    context.io.print(showPath(context));
  },
});

const use = defineCommand<[string]>({
  name: 'use',
  summary: 'use a profile from now on',
  arguments: [{ name: '<profile>', about: 'its name' }],
  examples: [{ command: 'stager config use work', about: 'switch' }],
  async run(context, [name]) {
    const { useProfile } = await import('../actions/config.ts');
    context.io.print(await useProfile(context, name));
  },
});

export const config: GroupSpec = {
  name: 'config',
  summary: 'settings and profiles',
  commands: [list, get, set, unset, path, use],
};
