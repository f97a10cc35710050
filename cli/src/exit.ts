/** Exit codes of every command; `stager help exit-codes` prints them. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  declined: 3,
  auth: 4,
  pending: 8,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_MEANINGS: Readonly<Record<ExitCode, string>> = {
  0: 'ok: everything that was asked for is done',
  1: 'failed: at least one thing could not be done; what and why is printed',
  2: 'usage: the command line or the configuration is wrong; nothing was done',
  3: 'declined: a confirmation or a login was answered with no; nothing was changed',
  4: 'auth: no login, an expired one, or one without the permission that is needed',
  8: 'pending: something is still unfinished, or `stager reconcile` has found drift',
  130: 'interrupted: stopped by Ctrl-C or a signal; the same command continues',
};
