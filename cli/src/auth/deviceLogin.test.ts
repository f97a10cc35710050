import { describe, expect, onTestFinished, test } from 'vitest';
import { type FakeIssuer, startFakeIssuer } from '../testing/fakeIssuer.ts';
import { checkVerificationUri, type DeviceCode, startDeviceLogin, waitForApproval } from './deviceLogin.ts';

async function issuerFor(options = {}): Promise<FakeIssuer> {
  const issuer = await startFakeIssuer(options);
  onTestFinished(() => issuer.close());
  return issuer;
}

/** Both halves of a login, without waiting longer than it takes to be polite to a test. */
async function run(
  issuer: Pick<FakeIssuer, 'url'>,
  {
    signal = new AbortController().signal,
    onCode = (_: DeviceCode) => {},
    scopes = ['images:read'],
    sleep = undefined as ((ms: number, signal: AbortSignal) => Promise<unknown>) | undefined,
  } = {},
) {
  const config = { issuer: issuer.url, audience: 'https://api.example.com', cliClientId: 'cli', scopes };
  const started = await startDeviceLogin({ config, scopes, fetch, signal });
  onCode(started.code);
  const patience = started.code.expiresIn;
  return waitForApproval(started, { fetch, signal, patience, ...(sleep ? { sleep } : {}) });
}

/** Sleeps no time, and notes how long it would have been, in seconds. */
function sleeper() {
  const slept: number[] = [];
  return {
    slept,
    sleep: async (ms: number, signal: AbortSignal) => {
      slept.push(ms / 1000);
      signal.throwIfAborted();
    },
  };
}

const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('the device flow', () => {
  test('asks for the audience and for a login that lasts, shows the code, and returns tokens', async () => {
    const issuer = await issuerFor();
    const codes: DeviceCode[] = [];
    const login = await run(issuer, { onCode: (code) => codes.push(code) });
    expect(login).toMatchObject({ accessToken: 'access-1', refreshToken: 'refresh-1', scope: 'images:read' });
    expect(codes).toEqual([
      {
        verificationUri: `${issuer.url}activate`,
        verificationUriComplete: null,
        userCode: 'ABCD-EFGH',
        expiresIn: 300,
      },
    ]);
    expect(issuer.deviceRequests[0]?.get('audience')).toBe('https://api.example.com');
    expect(issuer.deviceRequests[0]?.get('scope')).toBe('openid offline_access images:read');
  });

  test('waits while nobody has decided', async () => {
    const issuer = await issuerFor();
    issuer.polls = ['pending', 'pending', 'approve'];
    expect(await run(issuer)).toMatchObject({ accessToken: 'access-1' });
  });

  test('a gateway that fails in between does not end the wait', async () => {
    const issuer = await issuerFor();
    issuer.polls = ['broken', 'broken', 'broken', 'approve'];
    const { slept, sleep } = sleeper();
    expect(await run(issuer, { sleep })).toMatchObject({ accessToken: 'access-1' });
    expect(slept).toEqual([0.01, 2, 4, 8]);
  });

  test('slow_down makes every later pause 5 s longer, also after a failure in between', async () => {
    const issuer = await issuerFor();
    issuer.polls = ['pending', 'slow_down', 'pending', 'slow_down', 'broken', 'pending', 'approve'];
    const { slept, sleep } = sleeper();
    expect(await run(issuer, { sleep })).toMatchObject({ accessToken: 'access-1' });
    expect(slept).toEqual([0.01, 0.01, 5.01, 5.01, 10.01, 10.01, 10.01]);
  });

  test('nobody is waited for longer than 300 s, whatever the issuer would do', async () => {
    const issuer = await issuerFor({ deviceExpiresIn: 86_400 });
    const codes: DeviceCode[] = [];
    await run(issuer, { onCode: (code) => codes.push(code) });
    expect(codes[0]?.expiresIn).toBe(300);
  });

  test('an issuer that wants to be asked in years is not asked at once', async () => {
    const issuer = await issuerFor({ interval: 1e8, deviceExpiresIn: 0.3004 });
    // Who asks nevertheless is let in.
    issuer.polls = ['approve'];
    expect(await failureOf(run(issuer))).toMatchObject({ code: 'login_timeout', exit: 4 });
  });

  test('declined: exit code 3', async () => {
    const issuer = await issuerFor();
    issuer.polls = ['denied'];
    expect(await failureOf(run(issuer))).toMatchObject({ code: 'declined', exit: 3 });
  });

  test('ran out at the issuer, or here: exit code 4', async () => {
    const issuer = await issuerFor();
    issuer.polls = ['expired'];
    expect(await failureOf(run(issuer))).toMatchObject({ code: 'login_timeout', exit: 4 });
    const short = await issuerFor({ deviceExpiresIn: 1 });
    short.polls = ['pending'];
    expect(await failureOf(run(short))).toMatchObject({ code: 'login_timeout', exit: 4 });
  });

  test('Ctrl-C while waiting: exit code 130', async () => {
    const issuer = await issuerFor();
    issuer.polls = ['pending'];
    const controller = new AbortController();
    const failure = await failureOf(
      run(issuer, { signal: controller.signal, onCode: () => controller.abort() }),
    );
    expect(failure).toMatchObject({ code: 'interrupted', exit: 130 });
  });

  test('an address that is not the issuer’s is neither shown nor waited for', async () => {
    const issuer = await issuerFor();
    issuer.verificationUri = 'https://login.example.net/activate';
    const codes: DeviceCode[] = [];
    expect(await failureOf(run(issuer, { onCode: (code) => codes.push(code) }))).toMatchObject({
      code: 'issuer_unsafe',
    });
    expect(codes).toEqual([]);
  });

  test.each([
    [{ error: 'unauthorized_client', error_description: 'No device code here.' }, 'No device code here.'],
    [{ error: 'invalid_scope' }, 'invalid_scope'],
  ])('refused: exit code 4, in the words of the issuer: %j', async (refusal, words) => {
    const issuer = await issuerFor();
    issuer.refusal = refusal;
    expect(await failureOf(run(issuer))).toMatchObject({
      code: 'login_refused',
      exit: 4,
      message: `The login was refused: ${words}`,
    });
  });

  test('an issuer in trouble: exit code 1, why, and what to look at', async () => {
    const issuer = await issuerFor();
    issuer.down = true;
    expect(await failureOf(run(issuer))).toMatchObject({
      code: 'issuer_unavailable',
      exit: 1,
      message: expect.stringContaining(`${issuer.url} did not answer as it should: `),
      next: [{ command: 'stager doctor' }],
    });
  });

  test('an issuer that is not there: why, and what usually is the reason', async () => {
    const issuer = await startFakeIssuer();
    await issuer.close();
    expect(await failureOf(run(issuer))).toMatchObject({
      code: 'issuer_unavailable',
      message: `${issuer.url} cannot be reached (ECONNREFUSED).`,
      hint: expect.stringContaining('Nothing listens'),
    });
  });

  test('with the code in the address, that is told too', async () => {
    const issuer = await issuerFor();
    issuer.verificationUriComplete = `${issuer.url}activate?user_code=ABCD-EFGH`;
    const codes: DeviceCode[] = [];
    await run(issuer, { onCode: (code) => codes.push(code) });
    expect(codes[0]?.verificationUriComplete).toBe(issuer.verificationUriComplete);
  });

  test('an issuer over plain http elsewhere is not asked', async () => {
    expect(await failureOf(run({ url: 'http://id.example.com/' }))).toMatchObject({ code: 'issuer_unsafe' });
  });
});

describe('the address that a person is sent to', () => {
  test.each([
    ['https://id.example.com/activate', 'https://id.example.com/', true],
    ['http://127.0.0.1:9000/device', 'http://127.0.0.1:9000/', true],
    ['http://id.example.com/activate', 'http://id.example.com/', false],
    ['https://example.com/activate', 'https://id.example.com/', false],
    ['https://evil.id.example.com/activate', 'https://id.example.com/', false],
    ['https://id.example.com:444/activate', 'https://id.example.com/', false],
    ['https://id.example.com@evil.example/activate', 'https://id.example.com/', false],
    ['https://user@id.example.com/activate', 'https://id.example.com/', false],
    ['javascript:alert(1)', 'https://id.example.com/', false],
    ['nonsense', 'https://id.example.com/', false],
  ])('%s of %s', (address, issuer, accepted) => {
    const check = () => checkVerificationUri(address, issuer);
    if (accepted) expect(check()).toBe(address);
    else expect(check).toThrow(/does not belong/);
  });
});
