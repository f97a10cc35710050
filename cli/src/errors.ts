import { EXIT, type ExitCode } from './exit.ts';
import { clean } from './io/clean.ts';

export interface NextStep {
  readonly command: string;
  /** In which case the command helps. */
  readonly when: string;
}

/** The value of `error` in what `--json` prints when a command fails. */
export interface ErrorReport {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  readonly requestId: string | null;
  readonly docsUrl: string | null;
  readonly retryable: boolean;
  readonly next: readonly NextStep[];
}

interface CliErrorOptions {
  readonly code: string;
  readonly exit?: ExitCode;
  readonly hint?: string;
  readonly retryable?: boolean;
  readonly next?: readonly NextStep[];
  readonly cause?: unknown;
}

/** A failure that the user can do something about. Anything else that is thrown is a bug or comes from the SDK. */
export class CliError extends Error {
  override readonly name: string = 'CliError';
  readonly code: string;
  readonly exit: ExitCode;
  readonly hint: string | undefined;
  readonly retryable: boolean;
  readonly next: readonly NextStep[];

  constructor(message: string, options: CliErrorOptions) {
    super(message, { cause: options.cause });
    this.code = options.code;
    this.exit = options.exit ?? EXIT.failed;
    this.hint = options.hint;
    this.retryable = options.retryable ?? false;
    this.next = options.next ?? [];
  }
}

export const LOGIN_STEP: NextStep = { command: 'stager login', when: 'to log in as a person' };
export const TOKEN_STEP: NextStep = {
  command: 'export STAGER_CLIENT_ID=… STAGER_CLIENT_SECRET=…',
  when: 'in CI and scripts, with a machine client',
};
const DOCTOR_STEP: NextStep = { command: 'stager doctor', when: 'to see what stands in the way' };

export function usageError(message: string, hint?: string): CliError {
  return new CliError(message, { code: 'usage', exit: EXIT.usage, ...(hint ? { hint } : {}) });
}

export function authError(message: string, code = 'not_logged_in', cause?: unknown): CliError {
  return new CliError(message, { code, exit: EXIT.auth, next: [LOGIN_STEP, TOKEN_STEP], cause });
}

export function declined(message: string): CliError {
  return new CliError(message, { code: 'declined', exit: EXIT.declined });
}

/** Thrown where work stops because of Ctrl-C; `resume` is the command that goes on from there. */
export class Interrupted extends CliError {
  override readonly name = 'Interrupted';
  constructor(resume?: NextStep) {
    super('Interrupted.', {
      code: 'interrupted',
      exit: EXIT.interrupted,
      retryable: true,
      next: resume ? [resume] : [],
    });
  }
}

/** Codes of the API for which a login is the cure. */
const AUTH_CODES: ReadonlySet<string> = new Set(['unauthenticated', 'insufficient_scope', 'no_account']);

/** Codes of the SDK for what was asked for wrongly; nothing was sent. */
const USAGE_CODES: ReadonlySet<string> = new Set(['invalid_options', 'not_configured']);

export interface Failure {
  readonly exit: ExitCode;
  readonly report: ErrorReport;
}

/** The only place that turns an error into an exit code, into words and into what `--json` prints. */
export async function toFailure(error: unknown): Promise<Failure> {
  const own = findCliError(error);
  if (own) return { exit: own.exit, report: reportOwn(own) };
  // Loaded here, so that help and version do without the SDK.
  const { StagerError } = await import('@stager/sdk');
  if (!StagerError.isInstance(error)) return { exit: EXIT.failed, report: reportUnexpected(error) };
  return {
    exit: AUTH_CODES.has(error.code) ? EXIT.auth : USAGE_CODES.has(error.code) ? EXIT.usage : EXIT.failed,
    report: {
      code: error.code,
      message: clean(error.message),
      hint: error.hint ? clean(error.hint) : null,
      requestId: error.requestId ?? null,
      docsUrl: error.docsUrl ?? null,
      retryable: error.retryable,
      next: nextSteps(error.code),
    },
  };
}

function reportOwn(error: CliError): ErrorReport {
  return {
    code: error.code,
    message: clean(error.message),
    hint: error.hint ? clean(error.hint) : null,
    requestId: null,
    docsUrl: null,
    retryable: error.retryable,
    next: error.next,
  };
}

/** An error of ours can come back wrapped: the SDK asks our code for tokens. */
function findCliError(error: unknown): CliError | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth += 1) {
    if (at instanceof CliError) return at;
  }
  return undefined;
}

function nextSteps(code: string): readonly NextStep[] {
  switch (code) {
    case 'unauthenticated':
      return [LOGIN_STEP, TOKEN_STEP];
    case 'insufficient_scope':
      return [{ command: 'stager login', when: 'to log in again and grant what is missing' }];
    case 'connection_failed':
    case 'timeout':
    case 'unavailable':
    case 'issuer_unavailable':
      return [DOCTOR_STEP];
    default:
      return [];
  }
}

const CERTIFICATE_CODES =
  /^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT(_LOCALLY)?|CERT_\w+)$/;

/** What usually stands behind a network failure and what to do about it. Never: switching TLS checks off. */
export function networkHint(error: unknown): string | null {
  for (const code of causeCodes(error)) {
    if (CERTIFICATE_CODES.test(code)) {
      return 'The certificate is not trusted here. Behind a company proxy, set NODE_EXTRA_CA_CERTS to the file with its CA certificate.';
    }
    switch (code) {
      case 'ENOTFOUND':
      case 'EAI_AGAIN':
        return 'The host name cannot be resolved. Check the address and the network; behind a proxy set HTTPS_PROXY.';
      case 'ECONNREFUSED':
        return 'Nothing listens at that address. Is it right (stager config list), and is the server running?';
      case 'ECONNRESET':
      case 'UND_ERR_SOCKET':
      case 'EPIPE':
        return 'The connection was cut. A proxy or the network may be the reason; try again.';
      case 'ETIMEDOUT':
      case 'UND_ERR_CONNECT_TIMEOUT':
        return 'There was no answer in time. Check the network; behind a proxy set HTTPS_PROXY.';
    }
  }
  return null;
}

function* causeCodes(error: unknown): Generator<string> {
  const queue: unknown[] = [error];
  for (let seen = 0; queue.length > 0 && seen < 16; seen += 1) {
    const at = queue.shift();
    if (typeof at !== 'object' || at === null) continue;
    if ('code' in at && typeof at.code === 'string') yield at.code;
    if ('cause' in at) queue.push(at.cause);
    if (at instanceof AggregateError) queue.push(...at.errors);
  }
}

function reportUnexpected(error: unknown): ErrorReport {
  const hint = networkHint(error);
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: hint ? 'connection_failed' : 'internal',
    message: clean(message),
    hint:
      hint ?? 'This looks like a bug in stager. Run the command again with STAGER_DEBUG=1 for the details.',
    requestId: null,
    docsUrl: null,
    retryable: hint !== null,
    next: hint ? [DOCTOR_STEP] : [],
  };
}
