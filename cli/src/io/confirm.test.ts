import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { setUpDesk } from '../testing/inProcess.ts';
import { confirm } from './confirm.ts';

/** Asks, and types the answer once the question is on the screen. */
async function ask(answer: string | AbortController, terminal = true) {
  const desk = await setUpDesk({ terminal });
  const input = new PassThrough();
  const output = new PassThrough();
  let shown = '';
  output.on('data', (chunk: Buffer) => {
    if (shown === '')
      setImmediate(() => (typeof answer === 'string' ? input.write(answer) : desk.ctrlC.abort()));
    shown += chunk;
  });
  const failure = await confirm(desk.context(), 'Delete img_1?', false, { input, output }).then(
    () => undefined,
    (error: unknown) => error,
  );
  return { failure, shown };
}

describe('before something is lost', () => {
  test('yes goes on', async () => {
    const { failure, shown } = await ask('y\n');
    expect(failure).toBeUndefined();
    expect(shown).toContain('Delete img_1?');
    expect(shown).toContain('y/N');
  });

  test.each(['n\n', '\n'])('%j is a no: exit code 3', async (answer) => {
    expect((await ask(answer)).failure).toMatchObject({ exit: 3, code: 'declined' });
  });

  test('Ctrl-C at the question: exit code 130', async () => {
    expect((await ask('\u0003')).failure).toMatchObject({ exit: 130, code: 'interrupted' });
  });

  test('a signal at the question: exit code 130', async () => {
    expect((await ask(new AbortController())).failure).toMatchObject({ exit: 130, code: 'interrupted' });
  });

  test('nobody there to answer: exit code 2, and how to do it without', async () => {
    expect((await ask('y\n', false)).failure).toMatchObject({
      exit: 2,
      hint: expect.stringContaining('--yes'),
    });
  });

  test('a terminal that fails is told as it is', async () => {
    const desk = await setUpDesk({ terminal: true });
    const input = new PassThrough();
    const output = new PassThrough();
    output.write = () => {
      throw new Error('the terminal has gone');
    };
    await expect(confirm(desk.context(), 'Delete?', false, { input, output })).rejects.toThrow('has gone');
  });
});
