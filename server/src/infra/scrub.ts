const GONE = '[redacted]';

/**
 * What a secret looks like, wherever it comes from: the message of a driver, the address in somebody's error, the
 * stack of a library. Whoever logs should not have it at all; this is the net below.
 */
const SHAPES: readonly (readonly [shape: RegExp, gone: string])[] = [
  // Access and ID tokens: three parts, of which the first is `{"` in base64url.
  [/\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?/g, GONE],
  // Personal access tokens and the secrets of invitations.
  [/\bstg[a-z]_\w+/g, GONE],
  // Keys of Stripe, and the secrets that it signs with.
  [/\b(?:[rs]k_(?:live|test)|whsec)_\w+/g, GONE],
  [/\b(Bearer|Basic) +[^\s"'\\]+/gi, `$1 ${GONE}`],
  // Signed links, and credentials in a query or a form.
  [
    /((?:^|[?&\s"'])(?:X-Amz-(?:Signature|Credential|Security-Token)|sig|signature|\w*token|\w*secret|device_code|user_code|code|password|ticket|csrf)=)[^&\s"'\\]+/gi,
    `$1${GONE}`,
  ],
  // `scheme://user:password@host`
  [/(\b[a-z][\w+.-]*:\/\/[^\s:@/"']*:)[^\s@/"']+@/gi, `$1${GONE}@`],
  [/[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}/gi, '[e-mail]'],
];

/** A line of a log without tokens, signatures, passwords and e-mail addresses. JSON stays JSON. */
export function scrub(line: string): string {
  return SHAPES.reduce((text, [shape, gone]) => text.replace(shape, gone), line);
}
