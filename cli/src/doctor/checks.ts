import type { Context } from '../context.ts';
import { toFailure } from '../errors.ts';
import { checkFiles, checkNetwork, checkNode } from './local.ts';
import { checkPayments } from './payments.ts';
import { checkApi, checkClock, checkCredentials, checkLogin, probe } from './remote.ts';
import { type Check, type Finding, failed } from './types.ts';

/** Every check, in an order in which the first that fails is the one to mend first. */
export async function runChecks(context: Context): Promise<Check[]> {
  const checks: Check[] = [];
  const add = async (name: string, find: () => Promise<Finding>): Promise<Finding> => {
    const finding = await find().catch(async (error: unknown) => {
      if (context.signal.aborted) throw error;
      const { report } = await toFailure(error);
      return failed(report.message, report.next[0]?.command ?? report.hint ?? 'stager help environment');
    });
    checks.push({ name, ...finding });
    return finding;
  };
  await add('Node', async () => checkNode(process.versions.node));
  const settings = await add('Settings', async () => {
    const { profile, apiUrl } = await context.settings();
    return {
      status: 'ok',
      message: `${apiUrl.value} (from ${apiUrl.source}), profile ${profile.value} (from ${profile.source})`,
      fix: null,
    };
  });
  await add('Files', async () => checkFiles(context.configDir));
  await add('Network', async () => checkNetwork(context.env));
  // Without an address there is nobody to ask.
  if (settings.status === 'failed') return checks;
  const probed = await probe(context);
  await add('API', async () => checkApi(probed));
  await add('Clock', async () => checkClock(probed));
  await add('Login page', () => checkLogin(context, probed));
  const credentials = await add('Credentials', () => checkCredentials(context, probed));
  if (credentials.status === 'failed') return checks;
  return [...checks, ...(await checkPayments(context, probed))];
}
