import { parentPort } from 'node:worker_threads';
import { examine } from '../../core/uploads/examine.ts';
import type { Answer, Question } from './protocol.ts';

parentPort?.on('message', (question: Question | 'end') => {
  if (question === 'end') {
    parentPort?.close();
    return;
  }
  const { id, bytes, announced, limits } = question;
  const examined = examine(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), announced, limits);
  parentPort?.postMessage({ id, examined } satisfies Answer);
});
