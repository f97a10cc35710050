import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { setUpDesk } from '../testing/inProcess.ts';
import { confirm, confirmByName } from './confirm.ts';

/** Asks, and types the answer once the question is on the screen. */
async function ask(answer: string | AbortController, terminal = true, name?: string) {
  const desk = await setUpDesk({ terminal });
  const input = new PassThrough();
  const output = new PassThrough();
  let shown = '';
  output.on('data', (chunk: Buffer) => {
    if (shown === '')
      setImmediate(() => (typeof answer === 'string' ? input.write(answer) : desk.ctrlC.abort()));
    shown += chunk;
  });
  const question =
    name === undefined
      ? confirm(desk.context(), 'Delete img_1?', false, { input, output })
      : confirmByName(desk.context(), 'This stops everything.', name, false, { input, output });
  const failure = await question.then(
    () => undefined,
    (error: unknown) => error,
  );
  return { failure, shown, said: desk.stderr.text };
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

describe('before others lose something, the name is typed', () => {
  test('the name goes on', async () => {
    const { failure, shown, said } = await ask('Acme\n', true, 'Acme');
    expect(failure).toBeUndefined();
    expect(said).toBe('This stops everything.\n');
    expect(shown).toContain('Type Acme to go on:');
  });
  test.each(['y\n', 'acme\n', '\n'])('%j is a no: exit code 3', async (answer) => {
    expect((await ask(answer, true, 'Acme')).failure).toMatchObject({ exit: 3, code: 'declined' });
  });
  test('Ctrl-C: exit code 130', async () => {
    expect((await ask('\u0003', true, 'Acme')).failure).toMatchObject({ exit: 130 });
  });
  test('nobody there: exit code 2, and --yes', async () => {
    const { failure } = await ask('Acme\n', false, 'Acme');
    expect(failure).toMatchObject({ exit: 2, hint: expect.stringContaining('--yes') });
  });
  test('--yes asks nothing', async () => {
    const desk = await setUpDesk();
    await confirmByName(desk.context(), 'This stops everything.', 'Acme', true);
    expect(desk.stderr.text).toBe('');
  });
});
