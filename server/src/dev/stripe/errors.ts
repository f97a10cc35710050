/** An answer of Stripe that is no success, with the fields that clients decide by. */
export class StripeFault extends Error {
  readonly status: number;
  readonly type: string;
  readonly code: string | undefined;
  readonly param: string | undefined;
  readonly declineCode: string | undefined;

  constructor(
    status: number,
    message: string,
    facts: { type?: string; code?: string; param?: string; declineCode?: string } = {},
  ) {
    super(message);
    this.status = status;
    this.type = facts.type ?? 'invalid_request_error';
    this.code = facts.code;
    this.param = facts.param;
    this.declineCode = facts.declineCode;
  }

  body(): unknown {
    const { type, code, param, declineCode, message } = this;
    return {
      error: {
        type,
        message,
        ...(code !== undefined && { code, doc_url: `https://stripe.com/docs/error-codes/${code}` }),
        ...(param !== undefined && { param }),
        ...(declineCode !== undefined && { decline_code: declineCode }),
      },
    };
  }
}

export function noSuch(what: string, id: string, param = 'id'): StripeFault {
  return new StripeFault(404, `No such ${what}: '${id}'`, { code: 'resource_missing', param });
}

export function declined(declineCode = 'generic_decline'): StripeFault {
  return new StripeFault(402, 'Your card was declined.', {
    type: 'card_error',
    code: 'card_declined',
    declineCode,
  });
}
