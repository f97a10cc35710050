import type { Context } from '../context.ts';
import { toFailure } from '../errors.ts';
import { createAsker } from './auth/ask.ts';
import { checkMachine, checkPerson, checkRefresh } from './auth/credentials.ts';
import { checkDeviceGrant } from './auth/deviceGrant.ts';
import { discoverTenant, readKeys } from './auth/tenant.ts';
import { checkClock } from './remote.ts';
import { type Check, type Finding, failed, ok, skipped } from './types.ts';

/** Checks of the identity provider, from outside: what its settings do to those who log in. */
export async function runAuthChecks(context: Context): Promise<Check[]> {
  const checks: Check[] = [];
  const add = async (name: string, find: () => Finding | Promise<Finding>): Promise<void> => {
    const finding = await Promise.resolve()
      .then(find)
      .catch(async (error: unknown) => {
        if (context.signal.aborted) throw error;
        const { report } = await toFailure(error);
        return failed(report.message, report.next[0]?.command ?? report.hint ?? 'stager doctor');
      });
    checks.push({ name, ...finding });
  };
  const client = await context.anonymous();
  const config = await client.authConfig({ signal: context.signal });
  const { issuer, audience, cliClientId, scopes } = config;
  await add('API', () =>
    ok(
      `names the issuer ${issuer}, the audience ${audience}, the client ${cliClientId}, ${scopes.length} scopes`,
    ),
  );
  const asker = createAsker(await context.fetch(), context.signal);
  const { tenant, finding } = await discoverTenant(asker, issuer);
  await add('Discovery', () => finding);
  if (!tenant) return checks;
  await add('Clock', () => clockOf(tenant.skewSeconds));
  const { keys, finding: keyFinding } = await readKeys(asker, tenant);
  await add('Keys', () => keyFinding);
  await add('Device code', () => checkDeviceGrant(asker, config, tenant));
  const tested = { context, asker, config, tenant, keys };
  await add('Refresh', () => checkRefresh(tested));
  await add('Person', () => checkPerson(tested));
  await add('Machine', () => checkMachine(tested));
  return checks;
}

function clockOf(skewSeconds: number | undefined): Finding {
  if (skewSeconds === undefined) return skipped('the issuer did not say what time it is');
  const judged = checkClock({ skewSeconds });
  return { ...judged, message: judged.message.replace('the API', 'the issuer') };
}
