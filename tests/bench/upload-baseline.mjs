// The least that can be done: read each file and PUT it to its URL, so many at a time.
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';

const [planFile, concurrency] = process.argv.slice(2);
const plan = JSON.parse(readFileSync(planFile, 'utf8'));
const agent = new Agent({ keepAlive: true, maxSockets: Number(concurrency) });

function put({ url, headers }, body) {
  return new Promise((resolve, reject) => {
    const req = request(url, { method: 'PUT', headers, agent }, (res) => {
      res.resume();
      res.on('end', () =>
        res.statusCode === 200 ? resolve() : reject(new Error(`status ${res.statusCode}`)),
      );
    });
    req.on('error', reject);
    req.end(body);
  });
}

let next = 0;
async function lane() {
  while (next < plan.length) {
    const item = plan[next];
    next += 1;
    await put(item, await readFile(item.file));
  }
}
await Promise.all(Array.from({ length: Number(concurrency) }, lane));
agent.destroy();
