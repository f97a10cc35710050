import { describe, expect, test } from 'vitest';
import { type Desk, setUpDesk, speak } from '../testing/inProcess.ts';

function putProject({ api }: Desk, name: string): string {
  const id = api.state.id('prj');
  const now = new Date().toISOString();
  api.state.projects.set(id, { id, name, createdAt: now, updatedAt: now });
  return id;
}

describe('stager projects', () => {
  test('none yet: how to make one', async () => {
    const { env } = await setUpDesk();
    expect((await speak(['projects', 'list'], env)).stdout).toContain('stager projects create NAME');
  });

  test('made, renamed, deleted: each says what it did', async () => {
    const { api, env } = await setUpDesk();
    expect((await speak(['projects', 'create', 'Elm 42'], env)).stdout).toMatch(/^Created Elm 42 {2}prj_/);
    expect((await speak(['projects', 'rename', 'elm 42', 'Elm 44'], env)).stdout).toMatch(
      /^Renamed Elm 42 to Elm 44 {2}prj_/,
    );
    expect((await speak(['projects', 'delete', 'Elm 44', '--yes'], env)).stdout).toMatch(/^Deleted Elm 44/);
    expect(api.state.projects.size).toBe(0);
  });

  test('a name that is taken: exit code 1, in the words of the API', async () => {
    const desk = await setUpDesk();
    putProject(desk, 'Elm 42');
    const { code, stderr } = await speak(['projects', 'create', 'ELM 42'], desk.env);
    expect(code).toBe(1);
    expect(stderr).toContain('There is a project "ELM 42" already.');
  });

  test.each([
    ['Elm 43', 'Did you mean Elm 42?'],
    ['something else entirely', 'stager projects list shows them.'],
  ])('%s is not there', async (word, hint) => {
    const desk = await setUpDesk();
    putProject(desk, 'Elm 42');
    const { code, stderr } = await speak(['projects', 'rename', word, 'x'], desk.env);
    expect(code).toBe(2);
    expect(stderr).toContain(`There is no project ${word}.`);
    expect(stderr).toContain(hint);
  });

  test.each([
    [['projects', 'create', ' ']],
    [['projects', 'rename', 'Elm 42', '']],
    [['projects', 'delete', '', '--yes']],
    [['images', 'list', '--project', '']],
    [['upload', '.', '--project', '']],
  ])('%j: an empty name is a usage error', async (args) => {
    const desk = await setUpDesk();
    putProject(desk, 'Elm 42');
    const { code, stderr } = await speak(args, desk.env);
    expect([code, stderr]).toEqual([2, expect.stringContaining('The name of the project is empty.')]);
    expect([...desk.api.state.projects.values()].map(({ name }) => name)).toEqual(['Elm 42']);
  });

  test('an id that is not there: exit code 1', async () => {
    const { env } = await setUpDesk();
    const { code, stdout } = await speak(
      ['projects', 'delete', `prj_${'0'.repeat(26)}`, '-y', '--json'],
      env,
    );
    expect(code).toBe(1);
    expect(JSON.parse(stdout).error.code).toBe('not_found');
  });
});
