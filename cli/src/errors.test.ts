import {
  ApiError,
  AuthenticationError,
  ConnectionError,
  OptionsError,
  PermissionError,
  ServerError,
  StagerError,
} from '@stager/sdk';
import { describe, expect, test } from 'vitest';
import { authError, CliError, declined, Interrupted, toFailure, usageError } from './errors.ts';

const errno = (code: string, more: object = {}) =>
  Object.assign(new Error(`${code}: raw`), { code, ...more });

describe('the exit code and the way on', () => {
  test.each([
    ['a wrong command line', usageError('x', 'do y'), 2, 'usage', []],
    ['no login', authError('x'), 4, 'not_logged_in', ['stager login', 'export STAGER_CLIENT_ID']],
    ['a no', declined('x'), 3, 'declined', []],
    ['Ctrl-C', new Interrupted(), 130, 'interrupted', []],
    [
      'Ctrl-C in the middle',
      new Interrupted({ command: 'stager tail', when: 'to go on' }),
      130,
      'interrupted',
      ['stager tail'],
    ],
    ['any other failure', new CliError('x', { code: 'no_photos' }), 1, 'no_photos', []],
    [
      'a token that is refused',
      new AuthenticationError('x', { code: 'unauthenticated', status: 401 }),
      4,
      'unauthenticated',
      ['stager login', 'export STAGER_CLIENT_ID'],
    ],
    [
      'a scope that is missing',
      new PermissionError('x', { code: 'insufficient_scope', status: 403 }),
      4,
      'insufficient_scope',
      ['stager login'],
    ],
    [
      'an identity without an account',
      new PermissionError('x', { code: 'no_account', status: 403 }),
      4,
      'no_account',
      ['stager join'],
    ],
    ['a wrong choice', new OptionsError('x', { code: 'invalid_options' }), 2, 'invalid_options', []],
    ['an unset address', new OptionsError('x', { code: 'not_configured' }), 2, 'not_configured', []],
    [
      'nobody there',
      new ConnectionError('x', { code: 'connection_failed' }),
      1,
      'connection_failed',
      ['stager doctor'],
    ],
    ['no answer', new StagerError('x', { code: 'timeout' }), 1, 'timeout', ['stager doctor']],
    [
      'a server in trouble',
      new ServerError('x', { code: 'unavailable', status: 503 }),
      1,
      'unavailable',
      ['stager doctor'],
    ],
    [
      'an issuer in trouble',
      new ServerError('x', { code: 'issuer_unavailable', status: 503 }),
      1,
      'issuer_unavailable',
      ['stager doctor'],
    ],
    ['another no', new ApiError('x', { code: 'name_taken', status: 409 }), 1, 'name_taken', []],
  ])('%s', async (_name, error, exit, code, commands) => {
    const failure = await toFailure(error);
    expect(failure.exit).toBe(exit);
    expect(failure.report).toMatchObject({ code, message: error.message });
    expect(failure.report.next).toHaveLength(commands.length);
    for (const [i, command] of commands.entries()) {
      expect(failure.report.next[i]?.command.startsWith(command)).toBe(true);
      expect(failure.report.next[i]?.when).toMatch(/^(to|in) /);
    }
  });

  test('an error of ours that comes back wrapped keeps its exit code', async () => {
    const own = authError('The login has ended.', 'login_expired');
    const wrapped = new ConnectionError('x', {
      code: 'connection_failed',
      cause: new Error('y', { cause: own }),
    });
    expect(await toFailure(wrapped)).toMatchObject({ exit: 4, report: { code: 'login_expired' } });
  });
});

describe('what is told of an error', () => {
  test('everything the API said, and nothing that a terminal obeys', async () => {
    const error = new ApiError('no\u001b[2J way', {
      code: 'invalid_state',
      status: 409,
      requestId: 'r-1',
      docsUrl: 'https://docs.example.com/x',
      hint: 'wait\u0007a bit',
      retryable: true,
    });
    expect((await toFailure(error)).report).toEqual({
      code: 'invalid_state',
      message: 'no way',
      hint: 'wait a bit',
      requestId: 'r-1',
      docsUrl: 'https://docs.example.com/x',
      retryable: true,
      next: [],
    });
  });

  test.each([
    ['ENOTFOUND', 'cannot be resolved'],
    ['EAI_AGAIN', 'cannot be resolved'],
    ['ECONNREFUSED', 'stager config list'],
    ['ECONNRESET', 'was cut'],
    ['EPIPE', 'was cut'],
    ['UND_ERR_SOCKET', 'was cut'],
    ['ETIMEDOUT', 'no answer in time'],
    ['UND_ERR_CONNECT_TIMEOUT', 'no answer in time'],
    ['EHOSTUNREACH', 'no way to that host'],
    ['ENETUNREACH', 'no way to that host'],
    ['EPROTO', 'speak TLS'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'NODE_EXTRA_CA_CERTS'],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'NODE_EXTRA_CA_CERTS'],
    ['CERT_HAS_EXPIRED', 'NODE_EXTRA_CA_CERTS'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'NODE_EXTRA_CA_CERTS'],
  ])('a network failure, %s, two levels down', async (code, hint) => {
    const cause = new AggregateError([new Error('first'), errno(code)], 'all failed');
    const { exit, report } = await toFailure(new TypeError('fetch failed', { cause }));
    expect(exit).toBe(1);
    expect(report).toMatchObject({
      code: 'connection_failed',
      message: `The connection failed (${code}).`,
      hint: expect.stringContaining(hint),
      retryable: true,
      next: [{ command: 'stager doctor' }],
    });
    // Never the advice to stop checking.
    expect(report.hint).not.toMatch(/REJECT_UNAUTHORIZED|insecure/i);
  });

  test.each([
    ['EACCES', 'no permission', 'who owns it'],
    ['EPERM', 'no permission', 'who owns it'],
    ['EROFS', 'read-only', 'another folder'],
    ['ENOENT', 'not there', 'Check the path'],
    ['ENOTDIR', 'is a file, not a folder', 'Check the path'],
    ['EEXIST', 'no folder', 'another name'],
    ['EISDIR', 'a folder, not a file', 'Move it away'],
    ['ELOOP', 'in a circle', 'links'],
    ['ENAMETOOLONG', 'longer than', 'shorter'],
    ['ENOSPC', 'no space left', 'Make space'],
    ['EDQUOT', 'no space left', 'Make space'],
    ['EMFILE', 'too many files', 'ulimit'],
    ['EIO', 'answered EIO', 'Check the disk'],
  ])('the file system says %s: the path, why, and what to do', async (code, why, fix) => {
    const { exit, report } = await toFailure(errno(code, { path: '/home/me/.config', syscall: 'open' }));
    expect(exit).toBe(1);
    expect(report).toMatchObject({ code: 'file_unusable', hint: expect.stringContaining(fix) });
    expect(report.message).toMatch(new RegExp(`^/home/me/\\.config cannot be used: .*${why}.*\\.$`));
  });

  test('a file that was open already has no name to tell', async () => {
    const { report } = await toFailure(errno('ENOSPC', { syscall: 'write' }));
    expect(report).toMatchObject({
      code: 'file_unusable',
      message: 'A file cannot be used: there is no space left on the disk.',
    });
  });

  test.each([
    ['an error that nobody foresaw', new RangeError('out of range'), 'out of range'],
    ['something thrown that is no error', 'just text', 'just text'],
    ['a code that says nothing', errno('E_OWN'), 'E_OWN: raw'],
    ['a code of no system call', errno('ERR_INVALID_ARG_TYPE'), 'ERR_INVALID_ARG_TYPE: raw'],
  ])('%s is told as a bug, with the way to its details', async (_name, error, message) => {
    expect(await toFailure(error)).toMatchObject({
      exit: 1,
      report: {
        code: 'internal',
        message,
        hint: expect.stringContaining('STAGER_DEBUG=1'),
        retryable: false,
      },
    });
  });

  test('causes that lead in a circle come to an end', async () => {
    const error = new Error('round');
    error.cause = error;
    expect((await toFailure(error)).report.code).toBe('internal');
  });
});
