import type { RouteSpec } from '../../server/src/contract/route.ts';
import { CASE_NAMES, CASES, type Case, cellsOf } from '../../tests/security/matrix.ts';

/** docs/reference/security-matrix.md */
export function emitSecurityMatrix(routes: readonly RouteSpec[]): string {
  const cells = routes.flatMap(cellsOf);
  const cases = CASE_NAMES.map((name) => {
    const { what, where, expected, challenge }: Case = CASES[name];
    const own = cells.filter((cell) => cell.name === name);
    const status = expected === 'success' ? 'its success' : `${own[0]?.status ?? ''}`;
    const code = expected === 'success' ? '' : `[\`${expected}\`](errors.md#${expected})`;
    const sample = challenge && routes.find((route) => route.scope !== null);
    return `| ${what} | ${where} | ${status} | ${code} | ${sample ? `\`${header(challenge(sample), sample)}\`` : ''} | ${own.length} |`;
  });
  const operations = routes.map((route) => {
    const here = cellsOf(route);
    return `| [${route.name}](api.md#${route.name.toLowerCase()}) | ${route.scope ? `\`${route.scope}\`` : 'none'} | ${route.role ?? 'none'} | ${here.length} |`;
  });
  return `# Security matrix

<!-- Written by \`npm run generate\` from the contract and the rules of the tests. -->

Every operation is called in each of these ways, on the real API with the real database and a real issuer, and must answer
with exactly this status, code and \`WWW-Authenticate\` (RFC 6750). What is left out of a row is left out by the rule in its
second column. A new operation is covered as soon as it is in the contract: \`tests/security\` makes valid requests from its
schemas. ${cells.length} cells.

| a request with | concerns | status | code | WWW-Authenticate | cells |
|---|---|---|---|---|---|
${cases.join('\n')}

Ids of another account in query strings and bodies are tried as well, one field at a time: a list answers empty, a batch
says \`not_found\` of each item, all else is 404.

| operation | scope | least role | cells |
|---|---|---|---|
${operations.join('\n')}
`;
}

function header(text: string, { scope }: RouteSpec): string {
  return text.replace(`"${scope}"`, '"…"');
}
