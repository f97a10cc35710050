import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

/** What a process writes that logs this; loggers write to the standard output of their process. */
function written(statement: string): string {
  const log = new URL('./log.ts', import.meta.url).href;
  const code = `import { createLogger } from '${log}'; const log = createLogger('test', 'debug'); ${statement}`;
  const run = spawnSync(process.execPath, ['--conditions=stager-dev', '--input-type=module', '-e', code], {
    encoding: 'utf8',
  });
  return run.stdout + run.stderr;
}

test.each([
  [
    'an error with a token in its message',
    `log.error({ err: new Error('Bearer canary refused') }, 'failed')`,
  ],
  [
    'an error of a driver with its detail',
    `log.error({ err: Object.assign(new Error('x'), { detail: 'Key (email)=(canary@example.com)' }) })`,
  ],
  [
    'an error with the bytes of a request',
    `log.error({ err: Object.assign(new Error('x'), { config: { headers: { authorization: 'canary' } } }) })`,
  ],
  ['a message with a signed link', `log.info('GET /objects/a?exp=1&sig=canary')`],
  ['a field of the name of a secret', `log.info({ token: 'canary', account: { secret: 'canary' } }, 'x')`],
])('%s is written without it', (_name, statement) => {
  const text = written(statement);
  expect(JSON.parse(text)).toMatchObject({ name: 'test' });
  expect(text).not.toContain('canary');
});

test('what is no secret is written as it is', () => {
  const text = written(`log.info({ operation: 'getMe', principal: 'auth0|demo', status: 200 }, 'request')`);
  expect(JSON.parse(text)).toMatchObject({
    level: 'info',
    operation: 'getMe',
    principal: 'auth0|demo',
    status: 200,
    msg: 'request',
  });
});
