import { defineCommand } from '../command.ts';

export const doctor = defineCommand<[], { auth?: boolean }>({
  name: 'doctor',
  summary: 'check the setup, and say how to mend what is wrong',
  description:
    'Looks at Node, the folder of settings and logins, the way to the API and to the login, the clock and the ' +
    'credentials. With --auth it looks at the identity provider instead: whether its settings let people and machines log ' +
    'in, and give them what they should have. Nothing is changed there. Exit code 1 when a check fails.',
  options: [{ flags: '--auth', about: 'check the settings of the identity provider (Auth0)' }],
  examples: [
    { command: 'stager doctor', about: 'what is wrong?' },
    { command: 'stager doctor --auth', about: 'is the Auth0 tenant set up as it should be?' },
    { command: 'stager doctor --json', about: 'to attach to a report; holds no secret' },
  ],
  async run(context, _args, { auth }) {
    const { runDoctor } = await import('../actions/doctor.ts');
    const { result, exit } = await runDoctor(context, { auth: auth ?? false });
    context.io.print(result);
    return exit;
  },
});
