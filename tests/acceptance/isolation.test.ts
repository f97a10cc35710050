import { Stager } from '@stager/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Client, createClient } from '../support/http.ts';
import { logIn } from '../support/person.ts';
import { makePhoto } from '../support/photos.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
let demo: Client;
let other: Client;
let ids: { project: string; image: string; original: string };

beforeAll(async () => {
  stack = await startTestStack({ args: [] });
  const token = await logIn(stack, 'demo');
  demo = createClient(stack.apiUrl, token);
  other = createClient(stack.apiUrl, await logIn(stack, 'other'));
  const project = (await demo.post('/v1/projects', { name: 'Mine' })).body.id;
  const stager = new Stager({ baseUrl: stack.apiUrl, token });
  const { bytes } = await makePhoto(1);
  for await (const event of stager.stage([{ name: 'a.jpg', bytes }], {
    project,
    engine: 'finish',
    wait: true,
  }))
    void event;
  const [image] = (await demo.get('/v1/images')).body.items;
  ids = { project, image: image.id, original: image.originalId };
});
afterAll(() => stack.stop());

describe('what belongs to another account is as if it were not there', () => {
  test('lists are empty', async () => {
    expect((await other.get('/v1/images')).body.items).toEqual([]);
    expect((await other.get('/v1/projects')).body.items).toEqual([]);
    expect((await demo.get('/v1/images')).body.items).toHaveLength(1);
  });

  test('every address that names it answers 404', async () => {
    const answers = await Promise.all([
      other.get(`/v1/images/${ids.image}`),
      other.get(`/v1/images/${ids.image}/downloads`),
      other.post(`/v1/images/${ids.image}/retry`),
      other.post(`/v1/images/${ids.image}/cancel`),
      other.delete(`/v1/images/${ids.image}`),
      other.get(`/v1/projects/${ids.project}`),
      other.patch(`/v1/projects/${ids.project}`, { name: 'Theirs' }),
      other.delete(`/v1/projects/${ids.project}`),
      other.get(`/v1/events?imageId=${ids.image}`),
      other.get(`/v1/events?projectId=${ids.project}`),
      other.post('/v1/images', {
        projectId: ids.project,
        items: [{ originalId: ids.original, engine: 'finish' }],
      }),
    ]);
    expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 404));
    expect((await demo.get(`/v1/images/${ids.image}`)).body.state).toBe('ready');
    expect((await demo.get(`/v1/projects/${ids.project}`)).body.name).toBe('Mine');
  });

  test('a foreign original cannot be used, and its hash does not betray that it exists', async () => {
    const made = await other.post('/v1/images', { items: [{ originalId: ids.original, engine: 'finish' }] });
    expect(made.body.results[0].error.code).toBe('not_found');
    const photo = await makePhoto(1);
    const file = { sha256: photo.sha256, size: photo.bytes.length, contentType: 'image/jpeg' };
    expect((await other.post('/v1/uploads', { files: [file] })).body.results[0].status).toBe('upload');
    expect((await demo.post('/v1/uploads', { files: [file] })).body.results[0].status).toBe('exists');
  });

  test('a key of one account says nothing to the other', async () => {
    const headers = { 'idempotency-key': 'shared' };
    const mine = await demo.post('/v1/projects', { name: 'Key' }, headers);
    const theirs = await other.post('/v1/projects', { name: 'Key' }, headers);
    expect(theirs.status).toBe(201);
    expect(theirs.body.id).not.toBe(mine.body.id);
  });

  test('a stream carries nothing of the other', async () => {
    const stager = new Stager({ baseUrl: stack.apiUrl, token: await logIn(stack, 'other') });
    for await (const event of stager.events()) {
      expect(event).toMatchObject({ type: 'snapshot', images: [] });
      break;
    }
  });
});
