import { defineCommand } from '../command.ts';

export const doctor = defineCommand<[]>({
  name: 'doctor',
  summary: 'check the setup, and say how to mend what is wrong',
  description:
    'Looks at Node, the folder of settings and logins, the way to the API and to the login, the clock and the ' +
    'credentials. Exit code 1 when a check fails.',
  examples: [
    { command: 'stager doctor', about: 'what is wrong?' },
    { command: 'stager doctor --json', about: 'to attach to a report; holds no secret' },
  ],
  async run(context) {
    const { runDoctor } = await import('../actions/doctor.ts');
    const { result, exit } = await runDoctor(context);
    context.io.print(result);
    return exit;
  },
});
