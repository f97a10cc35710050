import { DomainError } from '../../core/errors.ts';
import { IssuerUnavailable, PaymentsError, StoreUnavailable } from '../../ports/index.ts';
import { FormRefused } from './csrf.ts';
import { otherLoginPath } from './login.ts';
import { linkButton, type Notice, noticePage, type Viewer } from './view/layout.ts';

export interface FailurePage {
  readonly status: number;
  readonly page: string;
  /** Seconds, for the header Retry-After. */
  readonly retryAfter?: number | undefined;
}

interface Where {
  readonly viewer: Viewer | null;
  readonly requestId: string;
  /** The page that was asked for, to come back to as somebody else. */
  readonly here: string;
}

interface Told extends Omit<Notice, 'sign'> {
  readonly status: number;
  readonly sign?: Notice['sign'];
  readonly retryAfter?: number;
}

/** The one place where errors become pages. What is not in our vocabulary says nothing of its inside. */
export function failurePage(error: unknown, { viewer, requestId, here }: Where): FailurePage {
  const told = lacksRights(error) ? tellRights(error, viewer, here) : tell(error, requestId);
  const { status, retryAfter, sign = 'bad', ...notice } = told ?? internal(requestId);
  const actions = notice.actions ?? [linkButton('/billing', 'To plan and usage', true)];
  return {
    status,
    retryAfter,
    page: noticePage(viewer, { ...notice, sign, actions }),
  };
}

function tell(error: unknown, requestId: string): Told | undefined {
  if (error instanceof FormRefused) {
    return { status: 403, title: 'Please do that once more', text: [error.message] };
  }
  if (error instanceof IssuerUnavailable) {
    return outage('The login page does not answer', 'You were not logged in, and nothing was done.');
  }
  if (error instanceof StoreUnavailable) return outage('We cannot answer just now', 'Nothing was done.');
  if (error instanceof PaymentsError) return tellPayments(error, requestId);
  if (error instanceof DomainError) return tellDomain(error);
  return undefined;
}

function lacksRights(error: unknown): error is DomainError {
  return (
    error instanceof DomainError && (error.code === 'role_required' || error.code === 'insufficient_scope')
  );
}

/** Whoever came by a link may own the account that it is for, and be logged in as a member of another. */
function tellRights({ status, message }: DomainError, viewer: Viewer | null, here: string): Told {
  const account = viewer?.session.caller.account;
  const whose = account ? [`You are logged in to the account ${account.name} (${account.id}).`] : [];
  const actions = [
    linkButton('/billing', 'To plan and usage', true),
    linkButton(otherLoginPath(here), 'Log in as somebody else'),
  ];
  return { status, sign: 'warn', title: 'That is not possible', text: [message, ...whose], actions };
}

function outage(title: string, text: string): Told {
  return { status: 503, title, text: [text, 'Try again in some seconds.'], retryAfter: 5 };
}

function tellPayments({ code }: PaymentsError, requestId: string): Told {
  switch (code) {
    case 'unavailable':
      return {
        // Its answer may have been lost, and not our request.
        ...outage('Stripe does not answer', 'Look at your plan: it may have changed all the same.'),
        actions: [linkButton('/billing', 'Back to the plans', true)],
      };
    case 'declined':
      return {
        status: 402,
        title: 'The payment did not go through',
        text: [
          'Your card was declined, or your bank wants to hear from you. Your plan is as it was.',
          'Change the payment method, then choose the plan again.',
        ],
      };
    case 'refused':
      return {
        status: 409,
        sign: 'warn',
        title: 'That is not possible now',
        text: ['Your plan has changed meanwhile, or this was done already. Look at it again.'],
      };
    case 'misconfigured':
      return {
        status: 503,
        title: 'Payments are not set up',
        text: [
          'You were not charged. Whoever runs this installation has to look at it.',
          `Tell them the reference ${requestId}.`,
        ],
      };
  }
}

function tellDomain(error: DomainError): Told | undefined {
  const { status, extra } = error;
  switch (error.code) {
    case 'internal':
      return undefined;
    case 'account_suspended':
      return { status, title: 'The account is suspended', text: [error.message], actions: [asOther()] };
    case 'no_account':
      return {
        status,
        title: 'You belong to no account',
        text: [
          'You are logged in, but no account has you as a member. Ask its owner for an invitation, or log in as somebody else.',
        ],
        actions: [asOther()],
      };
    case 'billing_unavailable':
      return {
        status,
        sign: 'warn',
        title: 'Payments are not set up',
        text: ['This installation takes no payments. You were not charged.'],
      };
    case 'not_found':
      return { status, sign: 'warn', title: 'There is no such page', text: ['Check the address.'] };
    case 'rate_limited':
      return {
        status,
        sign: 'warn',
        title: 'A little slower, please',
        text: [error.message],
        ...(extra.retryAfter === undefined ? {} : { retryAfter: extra.retryAfter }),
      };
    default:
      return { status, sign: 'warn', title: 'That is not possible', text: [error.message] };
  }
}

function asOther() {
  return linkButton(otherLoginPath('/billing'), 'Log in as somebody else', true);
}

function internal(requestId: string): Told {
  return {
    status: 500,
    title: 'Something failed on our side',
    text: [
      'If you were about to pay, look at your plan before you try again.',
      `If it stays so, tell support the reference ${requestId}.`,
    ],
  };
}
