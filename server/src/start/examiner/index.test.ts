import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { makePhoto, type TestPhoto } from '../../../../tests/support/photos.ts';
import { makeTempDir } from '../../../../tests/support/tempDir.ts';
import { createExaminer, type Examiner } from './index.ts';

const LIMITS = { maxBytes: 1e6, maxPixels: 1e6 };

let photo: TestPhoto;
beforeAll(async () => {
  photo = await makePhoto(1);
});

let examiner: Examiner | undefined;
let folder: string | undefined;
afterEach(async () => {
  await examiner?.close();
  examiner = undefined;
  if (folder !== undefined) rmSync(folder, { recursive: true });
  folder = undefined;
});

/** In memory of two photos, behind the first: what is looked at is a part of what was lent. */
function shared(bytes: Buffer): Buffer<SharedArrayBuffer> {
  const memory = Buffer.from(new SharedArrayBuffer(2 * bytes.length));
  memory.set(bytes, bytes.length);
  return memory.subarray(bytes.length);
}

function look(bytes: Buffer, { examine }: Examiner) {
  return examine(shared(bytes), photo, LIMITS);
}

/** A thread that does what an attack could make of the real one. */
function threadThat(does: string): URL {
  folder = makeTempDir('stager-examiner');
  const file = join(folder, 'thread.mjs');
  const flag = `${file}.once`;
  writeFileSync(
    file,
    `import { existsSync, writeFileSync } from 'node:fs';
     import { parentPort } from 'node:worker_threads';
     const first = !existsSync(${JSON.stringify(flag)});
     writeFileSync(${JSON.stringify(flag)}, '');
     parentPort.on('message', (question) => {
       if (question === 'end') return parentPort.close();
       if (first) { ${does} }
       parentPort.postMessage({ id: question.id, examined: { ok: false, code: 'image_corrupt', message: 'seen' } });
     });`,
  );
  return pathToFileURL(file);
}

describe('the thread that examines photos', () => {
  test('says of many at once what each of them is', async () => {
    examiner = createExaminer();
    const other = Buffer.from(photo.bytes);
    other[other.length - 30] = (other[other.length - 30] ?? 0) ^ 1;
    const seen = await Promise.all([
      look(photo.bytes, examiner),
      look(other, examiner),
      look(photo.bytes, examiner),
      examiner.examine(shared(photo.bytes), { ...photo, contentType: 'image/png' }, LIMITS),
    ]);
    const good = { ok: true, contentType: 'image/jpeg', width: 320, height: 240 };
    expect(seen).toMatchObject([
      good,
      { ok: false, code: 'checksum_mismatch' },
      good,
      { ok: false, code: 'content_type_mismatch' },
    ]);
  });

  test.each([
    ['that fails', "throw new Error('broken');"],
    ['that ends', 'process.exit(0);'],
    ['that wants all memory', 'for (const heap = []; ; ) heap.push(new Array(1e5).fill({}));'],
  ])('one %s fails what it was asked, and the next call has a new one', async (_name, does) => {
    examiner = createExaminer(threadThat(does));
    const asked = await Promise.allSettled([look(photo.bytes, examiner), look(photo.bytes, examiner)]);
    expect(asked.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await look(photo.bytes, examiner)).toMatchObject({ message: 'seen' });
  });

  test('closes whether or not it was ever asked, and twice', async () => {
    const idle = createExaminer();
    await idle.close();
    const used = createExaminer();
    await look(photo.bytes, used);
    await used.close();
    await used.close();
  });
});
