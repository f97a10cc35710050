import { Agent, request } from 'node:http';
import fc from 'fast-check';
import { type ErrorCode, Problem, type RouteSpec } from '../../../server/src/contract/index.ts';
import { idPrefixes } from '../example.ts';
import { components, makeExample, makeRow, schemasOf } from '../rows.ts';
import { type World, withNewPeople } from '../world.ts';
import { type Input, inputsOf } from './inputs.ts';

/** An answer that takes longer is a hang. */
const ANSWER_MS = 60_000;
/** Requests under way at once. */
const LANES = 8;
/** Rows and quotas are used up; after so many inputs there are new ones. */
const ROUND = 80;
/** Of each round so many do what the operation is for, on rows in the state that it needs. */
const EXAMPLES = 4;

export interface FuzzReport {
  readonly operation: string;
  readonly inputs: number;
  readonly statuses: Readonly<Record<string, number>>;
  /** Past routing, authentication, limits and the form of the body. */
  readonly reached: number;
  /** Past validation as well. */
  readonly passed: number;
  readonly failures: readonly string[];
}

/** Codes of requests that were turned away before anybody looked at what they ask for. */
const TURNED_AWAY: ReadonlySet<ErrorCode> = new Set([
  'unauthenticated',
  'insufficient_scope',
  'role_required',
  'no_account',
  'account_suspended',
  'method_not_allowed',
  'request_timeout',
  'body_too_large',
  'unsupported_media_type',
  'rate_limited',
  'headers_too_large',
]);

const INVALID: ReadonlySet<ErrorCode> = new Set(['invalid_request', 'cursor_invalid']);

/** What only our inside knows: frames of a stack, files, SQL, the names of our parts and roles. */
const INSIDE =
  /\bat [\w.<>]+ \(|\bnode:internal|node_modules|\.ts:\d+|file:\/\/|postgres(ql)?:\/\/|stager_(owner|api|worker|relay|admin)|syntax error at|violates \w+ constraint|relation "|column "|ECONNREFUSED|\bknex\b|\bpino\b|TypeError|ReferenceError|RangeError|SyntaxError|undefined \(reading|Cannot read prop/;

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: string;
}

export async function fuzz(
  whole: World,
  route: RouteSpec,
  { inputs, seed }: { inputs: number; seed: number },
): Promise<FuzzReport> {
  const agent = new Agent({ keepAlive: true, maxSockets: LANES });
  const statuses: Record<string, number> = {};
  const failures: string[] = [];
  let [reached, passed, made] = [0, 0, 0];
  const judged = (answer: Answer, input: Input, n: number, round: number): void => {
    statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
    const verdict = judge(answer);
    if (verdict.wrong) {
      failures.push(`${verdict.wrong}; seed ${seed + round}, input ${n}: ${describe(route, input, answer)}`);
    }
    if (verdict.reached) reached += 1;
    if (verdict.passed) passed += 1;
  };
  for (let round = 0; made < inputs; round += 1) {
    const world = await withNewPeople(whole);
    const ids = await somePool(world, route);
    const cursor = await someCursor(world, route);
    const context = { components, cursor, ids: (prefix: string) => ids.get(prefix) ?? [] };
    const numRuns = Math.min(ROUND, inputs - made);
    const sample = fc.sample(inputsOf(route, schemasOf(route), context), { numRuns, seed: seed + round });
    made += sample.length;
    const bearer = await someCaller(world, route);
    for (const [n] of sample.slice(0, EXAMPLES).entries()) {
      const { input, token } = await exampleInput(world, route);
      judged(await send(world, agent, route, input, token), input, n, round);
    }
    const queue = sample.slice(EXAMPLES).entries();
    await Promise.all(
      Array.from({ length: LANES }, async () => {
        for (const [n, input] of queue) {
          judged(await send(world, agent, route, input, await bearer()), input, n + EXAMPLES, round);
        }
      }),
    );
  }
  agent.destroy();
  return { operation: route.name, inputs: made, statuses, reached, passed, failures };
}

/** Of each kind of id that the operation speaks of: some of ours, one of another account, one that nobody has. */
async function somePool(world: World, route: RouteSpec): Promise<ReadonlyMap<string, readonly string[]>> {
  const { params, query, body } = schemasOf(route);
  const prefixes = new Set([params, query, body].flatMap((schema) => idPrefixes(schema, components)));
  const pool = new Map<string, readonly string[]>();
  for (const prefix of prefixes) {
    const ours = [await makeRow(world, prefix, 'ours'), await makeRow(world, prefix, 'ours')];
    const theirs = await makeRow(world, prefix, 'theirs');
    pool.set(prefix, [...ours, theirs, `${prefix}_01k4x8m2v6q9r3t5w7y1z0abcd`]);
  }
  return pool;
}

/** Of the second page of a list that has one. */
async function someCursor(world: World, route: RouteSpec): Promise<string | undefined> {
  if (!schemasOf(route).query?.properties?.['cursor'] || route.path.includes(':')) return undefined;
  const token = world.mint(callerOf(world, route));
  const answer = await fetch(`${world.url}${route.path}?limit=1`, {
    headers: { authorization: `Bearer ${token}` },
  });
  // What lists answer with; see `pageOf` in the contract.
  const page = (await answer.json()) as { nextCursor: string | null };
  return page.nextCursor ?? undefined;
}

const callerOf = ({ principals }: World, { role }: RouteSpec): string =>
  role === 'admin' ? principals.admin : principals.owner;

async function exampleInput(
  world: World,
  route: RouteSpec,
): Promise<{ input: Input; token: string | undefined }> {
  const { params, body, principal } = await makeExample(world, route);
  const path = route.path.replaceAll(/:([A-Za-z]+)/g, (_whole, name: string) => String(params[name]));
  const input: Input = {
    kind: 'valid',
    path,
    headers: route.body ? { 'content-type': 'application/json' } : {},
    body: body === undefined ? undefined : JSON.stringify(body),
  };
  return {
    input,
    token: route.scope === null ? undefined : world.mint(principal ?? callerOf(world, route)),
  };
}

/** Whoever may do it; where that uses the caller up, another one each time. */
async function someCaller(world: World, route: RouteSpec): Promise<() => Promise<string | undefined>> {
  if (route.scope === null) return async () => undefined;
  const { principal } = await makeExample(world, route);
  if (principal !== undefined) {
    return async () => world.mint((await makeExample(world, route)).principal ?? principal);
  }
  const token = world.mint(callerOf(world, route));
  return async () => token;
}

function send(
  world: World,
  agent: Agent,
  route: RouteSpec,
  input: Input,
  token: string | undefined,
): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const headers = { ...input.headers, ...(token ? { authorization: `Bearer ${token}` } : {}) };
  const outgoing = request(world.url + input.path, {
    method: route.method,
    headers:
      input.body === undefined ? headers : { ...headers, 'content-length': Buffer.byteLength(input.body) },
    agent,
    timeout: ANSWER_MS,
  });
  outgoing.once('timeout', () => outgoing.destroy(new Error(`no answer within ${ANSWER_MS} ms`)));
  outgoing.once('error', (error) => resolve({ status: 0, text: error.message, headers: '' }));
  outgoing.once('response', (res) => {
    let text = '';
    const done = () => resolve({ status: res.statusCode ?? 0, text, headers: JSON.stringify(res.headers) });
    res.on('data', (chunk: Buffer) => {
      text += chunk;
      // A stream has no end: its beginning is what is looked at.
      if (res.headers['content-type']?.startsWith('text/event-stream')) {
        done();
        outgoing.destroy();
      }
    });
    res.once('end', done);
  });
  outgoing.end(input.body);
  return promise;
}

function judge({ status, text, headers }: Answer): {
  wrong: string | null;
  reached: boolean;
  passed: boolean;
} {
  if (status === 0) return { wrong: text, reached: false, passed: false };
  const inside = INSIDE.exec(text) ?? INSIDE.exec(headers);
  const wrong = status >= 500 ? `answered ${status}` : inside ? `says ${inside[0]}` : null;
  if (status < 400) return { wrong, reached: true, passed: true };
  const problem = Problem.safeParse(parsed(text));
  if (!problem.success) return { wrong: wrong ?? 'is no problem of RFC 9457', reached: false, passed: false };
  const { code, detail } = problem.data;
  const unrouted = code === 'not_found' && detail.startsWith('There is nothing at this address');
  const reached = !unrouted && !TURNED_AWAY.has(code);
  return { wrong, reached, passed: reached && !INVALID.has(code) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function describe(route: RouteSpec, input: Input, answer: Answer): string {
  const body = input.body === undefined ? '' : ` ${input.body.slice(0, 500)}`;
  return `${route.method} ${input.path.slice(0, 500)} ${JSON.stringify(input.headers)}${body} -> ${answer.status} ${answer.text.slice(0, 300)}`;
}
