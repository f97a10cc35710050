import { EXIT } from './exit.ts';
import { main } from './main.ts';

// A reader that has gone (`stager images list | head -1`) is no failure: what is left to print is dropped, and
// work that was asked for is still done. Output that is lost otherwise, as on a full disk, is one.
for (const [name, stream] of Object.entries({ stdout: process.stdout, stderr: process.stderr })) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    process.stderr.write(`error: ${name} cannot be written (${error.code}). Is its disk full?\n`);
    process.exit(EXIT.failed);
  });
}

const code = await main(process.argv.slice(2), process.env, process);
// Idle connections would keep the process for seconds; what was printed has to be out before.
await Promise.all(
  [process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write('', done))),
);
process.exit(code);
