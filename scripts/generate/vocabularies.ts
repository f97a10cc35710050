import type { ErrorCode } from '../../server/src/contract/errors.ts';
import type { RouteSpec } from '../../server/src/contract/route.ts';

type Errors = Readonly<Record<string, { status: number; title: string; retryable: boolean }>>;

/** docs/reference/errors.md */
export function emitErrors(
  errors: Errors,
  routes: readonly RouteSpec[],
  errorsOf: (route: RouteSpec) => ErrorCode[],
): string {
  const sections = Object.entries(errors).map(([code, { status, title, retryable }]) => {
    const by = routes
      .filter((route) => errorsOf(route).some((known) => known === code))
      .map((route) => route.name);
    const where =
      by.length === routes.length
        ? 'Any operation.'
        : by.length === 0
          ? 'Any address.'
          : `${by.map((name) => `[${name}](api.md#${name.toLowerCase()})`).join(', ')}.`;
    return `## ${code}\n\n${title}. Status ${status}, ${retryable ? 'may succeed when sent again' : 'sending the same again does not help'}.\n\nFrom: ${where}`;
  });
  return `# Error codes

<!-- Written by \`npm run generate\` from the contract. -->

The \`code\` of a failed answer never changes its meaning. \`detail\` says what happened and what to do; \`retryable\` whether
the same request may succeed later; \`requestId\` is what support asks for.

| code | status | retryable | meaning |
|---|---|---|---|
${Object.entries(errors)
  .map(
    ([code, { status, title, retryable }]) =>
      `| [\`${code}\`](#${code}) | ${status} | ${retryable ? 'yes' : 'no'} | ${title} |`,
  )
  .join('\n')}

${sections.join('\n\n')}
`;
}

/** Nothing for what every member may do. */
function roleWords({ role }: RouteSpec): string {
  return role === null || role === 'member' ? '' : ` (${role})`;
}

/** docs/scopes.md */
export function emitScopes(
  scopes: Readonly<Record<string, string>>,
  tokenScopes: readonly string[],
  routes: readonly RouteSpec[],
): string {
  const names = (scope: string | null) =>
    routes
      .filter((route) => route.scope === scope)
      .map((route) => `[${route.name}](reference/api.md#${route.name.toLowerCase()})${roleWords(route)}`)
      .join(', ');
  const rows = Object.entries(scopes).map(
    ([scope, words]) => `| \`${scope}\` | ${words} | ${names(scope)} |`,
  );
  return `# Scopes

<!-- Written by \`npm run generate\` from the contract. -->

An access token carries scopes; an operation answers \`insufficient_scope\` and names the one that is missing. \`stager login\`
asks for all that the person holds, a client for CI should get no more than it uses.

Some operations ask for a role in the account besides, which stands behind their name: an \`owner\` may do what a \`member\`
may, and an \`admin\`, who operates the installation, what an owner may. Who lacks it is answered \`role_required\`. A personal
access token can hold ${tokenScopes.map((scope) => `\`${scope}\``).join(', ')} and no other scope.

| scope | lets the holder | operations |
|---|---|---|
${rows.join('\n')}

Without a token: ${names(null)}.
`;
}
