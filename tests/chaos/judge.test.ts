import { expect, test } from 'vitest';
import { judgeRound, type RoundFacts } from './judge.ts';

const key = (id: string, lease = 'l1', name = 'finished') => `outputs/acc_1/${id}/${lease}/${name}.jpg`;
const image = (id: string) => ({
  id,
  state: 'ready',
  outputs: [{ name: 'finished', key: key(id), sha256: 'aa', found: 'aa' as string | undefined }],
});
const life = (imageId: string, first: number) =>
  ['image.queued', 'image.processing', 'image.ready'].map((type, n) => ({ seq: first + n, type, imageId }));

/** Two images that went well. */
function goodRound() {
  const events = [...life('img_a', 1), ...life('img_b', 4)];
  return {
    accepted: ['img_a', 'img_b'],
    images: [image('img_a'), image('img_b')],
    events,
    heard: [...events],
    numbered: 6,
    stored: [key('img_a'), key('img_b'), key('img_of_another_round')],
    waiting: [],
  } satisfies RoundFacts;
}
type Good = ReturnType<typeof goodRound>;

test('a round in which all went well has no fault', () => expect(judgeRound(goodRound(), {})).toEqual([]));

/** Each is a way in which a system breaks its promise; a check that overlooks one of them is worth nothing. */
test.each<[string, (round: Good) => object, string]>([
  ['an accepted image is lost', ({ images }) => ({ images: images.slice(1) }), 'accepted and is not there'],
  [
    'a lost answer makes an image twice',
    ({ images }) => ({ images: [...images, image('img_c')] }),
    'nobody was told',
  ],
  [
    'the client is told twice',
    ({ accepted }) => ({ accepted: [...accepted, 'img_a'] }),
    'told of an image twice',
  ],
  [
    'an image never ends',
    ({ images, events }) => ({
      images: [{ ...images[0], state: 'processing', outputs: [] }, images[1]],
      events: events.filter(({ seq }) => seq !== 3),
    }),
    'img_a: is processing',
  ],
  [
    'an image ends twice',
    ({ events }) => ({ events: [...events, { seq: 7, type: 'image.ready', imageId: 'img_a' }] }),
    'img_a: its events are image.queued, image.processing, image.ready, image.ready',
  ],
  [
    'it goes on behind its end',
    ({ events }) => ({ events: [...events, { seq: 7, type: 'image.processing', imageId: 'img_a' }] }),
    'img_a: its events are',
  ],
  [
    'state and last event differ',
    ({ images }) => ({ images: [{ ...images[0], state: 'error', outputs: [] }, images[1]] }),
    'img_a: its events are',
  ],
  [
    'ready without an output',
    ({ images }) => ({ images: [{ ...images[0], outputs: [] }, images[1]] }),
    'is ready with 0 outputs',
  ],
  [
    'outputs of two attempts are published',
    ({ images, stored }) => {
      const thumbnail = {
        name: 'thumbnail',
        key: key('img_a', 'l2', 'thumbnail'),
        sha256: 'bb',
        found: 'bb',
      };
      return {
        images: [{ ...images[0], outputs: [...(images[0]?.outputs ?? []), thumbnail] }, images[1]],
        stored: [...stored, thumbnail.key],
      };
    },
    'outputs of more than one attempt',
  ],
  [
    'a second worker stores outputs, too',
    ({ stored }) => ({ stored: [...stored, key('img_a', 'l2')] }),
    'was stored, and no image has it',
  ],
  ['an output is gone', ({ stored }) => ({ stored: stored.slice(1) }), 'is not in the store'],
  [
    'an output is another one',
    ({ images }) => ({
      images: [
        { ...images[0], outputs: images[0]?.outputs.map((row) => ({ ...row, found: 'bb' })) },
        images[1],
      ],
    }),
    'is not what was published',
  ],
  [
    'an event is not written',
    ({ events, heard }) => ({ events: events.slice(1), heard: heard.slice(1) }),
    '6 events',
  ],
  [
    'an event is not told',
    ({ heard }) => ({ heard: heard.toSpliced(1, 1) }),
    'image.processing (2) was heard 0 times',
  ],
  ['an event is told twice', ({ heard }) => ({ heard: [...heard, ...heard.slice(5)] }), 'was heard 2 times'],
  ['events change places', ({ heard }) => ({ heard: heard.toReversed() }), 'out of order'],
  [
    'an event is told that was rolled back',
    ({ heard }) => ({ heard: [...heard, { seq: 9, type: 'image.ready', imageId: 'img_a' }] }),
    'never written',
  ],
  ['a job is left', () => ({ waiting: ['job job_1 is queued'] }), 'job job_1 is queued'],
])('%s: that is a fault', (_name, change, fault) => {
  const round = goodRound();
  expect(judgeRound({ ...round, ...change(round) }, {}).join('\n')).toContain(fault);
});

test('what a fault excuses is no fault, and nothing else is excused', () => {
  const round = goodRound();
  const images = [{ id: 'img_a', state: 'error', outputs: [] }, image('img_b')];
  const stored = [key('img_b')];
  const failed = (event: (typeof round.events)[number]) =>
    event.seq === 3 ? { ...event, type: 'image.error' } : event;
  const [events, heard] = [round.events.map(failed), round.heard.map(failed)];
  const failing = { ...round, images, stored, events, heard };
  expect(judgeRound(failing, { errors: true })).toEqual([]);
  expect(judgeRound(failing, {})).toEqual(['img_a: is in error, which this fault does not excuse']);
});

test('what an attempt that was cut off has left is no fault, as long as nobody can see it', () => {
  const round = goodRound();
  const again = ['image.queued', 'image.processing', 'image.queued', 'image.processing', 'image.ready'];
  const events = [...again.map((type, n) => ({ seq: 1 + n, type, imageId: 'img_a' })), ...life('img_b', 6)];
  const stored = [...round.stored, key('img_a', 'l0')];
  expect(judgeRound({ ...round, events, heard: events, numbered: 8, stored }, {})).toEqual([]);
});
