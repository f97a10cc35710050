import { EXIT, type ExitCode } from './exit.ts';
import { clean } from './io/clean.ts';
import { fileTrouble } from './io/fileTrouble.ts';
import { messageOf } from './io/text.ts';
import { networkTrouble } from './net/trouble.ts';

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
  readonly hint?: string | undefined;
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
const TOKEN_STEP: NextStep = {
  command: 'export STAGER_CLIENT_ID=… STAGER_CLIENT_SECRET=…',
  when: 'in CI and scripts, with a machine client',
};
export const DOCTOR_STEP: NextStep = { command: 'stager doctor', when: 'to see what stands in the way' };

export function usageError(message: string, hint?: string): CliError {
  return new CliError(message, { code: 'usage', exit: EXIT.usage, hint });
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

/** Every other code of the SDK and the API is a plain failure. */
const EXIT_OF: Readonly<Record<string, ExitCode>> = {
  // A login is the cure.
  unauthenticated: EXIT.auth,
  insufficient_scope: EXIT.auth,
  role_required: EXIT.auth,
  no_account: EXIT.auth,
  // Asked for wrongly; nothing was sent.
  invalid_options: EXIT.usage,
  not_configured: EXIT.usage,
};

export interface Failure {
  readonly exit: ExitCode;
  readonly report: ErrorReport;
}

/** The only place that turns an error into an exit code, into words and into what `--json` prints. */
export async function toFailure(error: unknown): Promise<Failure> {
  const own = findCliError(error);
  if (own) return { exit: own.exit, report: reportOwn(own) };
  // Loaded here, so that help and version do without the SDK.
  const { ApiError, StagerError } = await import('@stager/sdk');
  const pageHint = (one: object) =>
    ApiError.isInstance(one) && one.link ? `In the browser: ${one.link}` : undefined;
  if (!StagerError.isInstance(error)) return { exit: EXIT.failed, report: reportUnexpected(error) };
  return {
    exit: EXIT_OF[error.code] ?? EXIT.failed,
    report: {
      code: error.code,
      message: clean(error.message),
      hint: cleanHint(error.hint ?? pageHint(error)),
      requestId: error.requestId ?? null,
      docsUrl: error.docsUrl ?? null,
      retryable: error.retryable,
      next: NEXT_STEPS[error.code] ?? [],
    },
  };
}

function reportOwn(error: CliError): ErrorReport {
  return {
    code: error.code,
    message: clean(error.message),
    ...EMPTY,
    hint: cleanHint(error.hint),
    retryable: error.retryable,
    next: error.next,
  };
}

const cleanHint = (hint: string | undefined): string | null => (hint ? clean(hint) : null);

/** An error of ours can come back wrapped: the SDK asks our code for tokens. */
function findCliError(error: unknown): CliError | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth += 1) {
    if (at instanceof CliError) return at;
  }
  return undefined;
}

export const PLANS_STEP: NextStep = {
  command: 'stager billing plans',
  when: 'to see what larger plans there are',
};

const NEXT_STEPS: Readonly<Record<string, readonly NextStep[]>> = {
  unauthenticated: [LOGIN_STEP, TOKEN_STEP],
  insufficient_scope: [{ ...LOGIN_STEP, when: 'to log in again and grant what is missing' }],
  no_account: [{ command: 'stager join', when: 'to become a member, with an invitation of an owner' }],
  quota_exceeded: [PLANS_STEP],
  connection_failed: [DOCTOR_STEP],
  timeout: [DOCTOR_STEP],
  unavailable: [DOCTOR_STEP],
  issuer_unavailable: [DOCTOR_STEP],
};

const EMPTY = { hint: null, requestId: null, docsUrl: null, retryable: false, next: [] } as const;

/** What neither the SDK nor we have put into words: the network, the file system, or a bug. */
function reportUnexpected(error: unknown): ErrorReport {
  const network = networkTrouble(error);
  if (network) {
    const { code, hint } = network;
    const message = `The connection failed (${code}).`;
    return { code: 'connection_failed', message, ...EMPTY, hint, retryable: true, next: [DOCTOR_STEP] };
  }
  const file = fileTrouble(error);
  if (file) {
    return {
      code: 'file_unusable',
      message: `${clean(file.path ?? 'A file')} cannot be used: ${file.why}.`,
      ...EMPTY,
      hint: file.fix,
    };
  }
  const hint = 'This looks like a bug in stager. Run the command again with STAGER_DEBUG=1 for the details.';
  const message = clean(messageOf(error));
  return { code: 'internal', message, ...EMPTY, hint };
}
