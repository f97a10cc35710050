import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { z } from 'zod';
import { ERROR_CODES } from '../server/src/contract/errors.ts';
import { buildOpenApi, errorsOf } from '../server/src/contract/openapi.ts';
import { BATCH_MAX } from '../server/src/contract/schemas/common.ts';
import { PING_SECONDS, StreamEvent } from '../server/src/contract/schemas/events.ts';
import { LAYOUT_MAX } from '../server/src/contract/schemas/layout.ts';
import { RECONCILE_KINDS, ReconcileFinding } from '../server/src/contract/schemas/reconcile.ts';
import { SCOPES, TOKEN_SCOPES } from '../server/src/contract/scopes.ts';
import { type ConfigSection, emitConfiguration } from './generate/configuration.ts';
import { loadRoutes } from './generate/contract.ts';
import { emitKernel } from './generate/kernel.ts';
import { emitCliConstants, emitConstants, emitOperations } from './generate/operations.ts';
import { emitReference } from './generate/reference.ts';
import { emitEndpointIndex, emitRouteIndex } from './generate/registries.ts';
import { emitSecurityMatrix } from './generate/securityMatrix.ts';
import { emitTypes } from './generate/types.ts';
import { emitErrors, emitScopes } from './generate/vocabularies.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const at = (path: string) => join(root, path);
/** Read by the commands, of which their reference is made. */
const CLI_CONSTANTS = 'cli/src/generated/constants.ts';
const KERNEL = 'worker/src/engines/layout/render/kernel';

/** Everything that is derived from the contract, the configuration, the commands and the ray kernel, by path, and what is wrong with it. */
async function generate(): Promise<{ files: Map<string, string>; problems: readonly string[] }> {
  const { renderReference } = await import('../cli/src/help/reference.ts');
  const routeFiles = await loadRoutes(at('server/src/contract/routes'));
  const routes = routeFiles
    .flatMap((file) => file.routes)
    .sort((a, b) => a.path.localeCompare(b.path) || a.method.localeCompare(b.method));
  const { document, schemas } = buildOpenApi(routes);
  const endpoints = emitEndpointIndex(
    at('server/src/http/endpoints'),
    routes.map((route) => route.name),
  );
  const files = new Map([
    ['docs/openapi.json', `${JSON.stringify(document, null, 1)}\n`],
    ['docs/reference/api.md', emitReference(document, routes, schemas)],
    ['docs/reference/errors.md', emitErrors(ERROR_CODES, routes, errorsOf)],
    ['docs/reference/security-matrix.md', emitSecurityMatrix(routes)],
    ['docs/scopes.md', emitScopes(SCOPES, TOKEN_SCOPES, routes)],
    ['docs/configuration.md', emitConfiguration(await configSections())],
    ['docs/cli.md', renderReference()],
    ['sdk/src/generated/types.ts', await emitTypes(document.components.schemas, schemas)],
    ['sdk/src/generated/operations.ts', emitOperations(routes, schemas)],
    ['sdk/src/generated/constants.ts', emitConstants(constants())],
    ['server/src/contract/routes/index.ts', emitRouteIndex(routeFiles)],
    ['server/src/http/endpoints/index.ts', endpoints.source],
    [CLI_CONSTANTS, cliConstants()],
    [`${KERNEL}/wasm.ts`, await emitKernel(at(`${KERNEL}/intersect.as`))],
  ]);
  return { files, problems: endpoints.problems };
}

function constants() {
  const eventTypes = StreamEvent.options.flatMap((option) => {
    const { type } = option.shape;
    return type instanceof z.ZodEnum ? [...type.options] : [...type.values];
  });
  return {
    errors: ERROR_CODES,
    eventTypes,
    pingSeconds: PING_SECONDS,
    batchMax: BATCH_MAX,
    layoutMax: LAYOUT_MAX,
    tokenScopes: TOKEN_SCOPES,
  };
}

function cliConstants(): string {
  return emitCliConstants({
    reconcileKinds: RECONCILE_KINDS,
    findingStates: ReconcileFinding.shape.state.options,
  });
}

async function configSections(): Promise<ConfigSection[]> {
  const wanted = [
    ['Both processes', 'What the API and the worker read.', 'server/src/infra/config.ts', 'baseConfig'],
    ['API', 'Beside the above.', 'server/src/start/config.ts', 'apiConfig'],
    ['Worker', 'Beside the first table.', 'worker/src/config.ts', 'workerConfig'],
    [
      'Migrations',
      '`node server/src/infra/migrate/main.ts up`, by hand or as a step of a deployment.',
      'server/src/infra/migrate/config.ts',
      'migrateConfig',
    ],
  ] as const;
  const sections: ConfigSection[] = [];
  for (const [title, intro, path, name] of wanted) {
    if (!existsSync(at(path))) continue;
    const module: Record<string, unknown> = await import(pathToFileURL(at(path)).href);
    const schema = module[name];
    if (!(schema instanceof z.ZodObject)) throw new Error(`${path} must export the zod object ${name}`);
    sections.push({ title, intro, schema });
  }
  return sections;
}

function differs(path: string, content: string): boolean {
  return !existsSync(at(path)) || readFileSync(at(path), 'utf8') !== content;
}

function write(path: string, content: string): void {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), content);
}

const check = process.argv.includes('--check');
if (!check) write(CLI_CONSTANTS, cliConstants());
const { files, problems } = await generate();
const stale = [...files].filter(([path, content]) => differs(path, content));
for (const [path, content] of stale) {
  if (!check) write(path, content);
  process.stdout.write(`${check ? 'differs' : 'wrote'} ${path}\n`);
}
for (const problem of problems) process.stderr.write(`${problem}\n`);
if (check && stale.length > 0) process.stderr.write('Run `npm run generate` and commit what it writes.\n');
process.exitCode = problems.length > 0 || (check && stale.length > 0) ? 1 : 0;
