// bee-queue alone: a handler that does nothing.
import Queue from 'bee-queue';

// Written by the benchmark that started this.
const { port, name, concurrency } = JSON.parse(process.argv[2] ?? '') as {
  port: number;
  name: string;
  concurrency: number;
};
const queue = new Queue(name, { redis: { host: '127.0.0.1', port } });
await queue.ready();
let done = 0;
const telling = setInterval(() => process.send?.({ type: 'done', count: done }), 5);
process.on('message', (message) => {
  if (message === 'stop') {
    clearInterval(telling);
    void queue.close().then(() => process.disconnect());
    return;
  }
  queue.process(concurrency, async () => {
    done += 1;
  });
});
process.send?.({ type: 'ready' });
// Nothing is left of it when the benchmark has failed.
process.once('disconnect', () => process.exit());
