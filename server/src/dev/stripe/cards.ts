/** Stripe's published test cards, as far as they are known here. */
const KNOWN: Readonly<Record<string, CardBehaviour>> = {
  '4242424242424242': 'pays',
  '5555555555554444': 'pays',
  '4000000000000002': 'declines',
  '4000000000009995': 'declines',
  '4000002500003155': 'challenges',
  '4000002760003184': 'challenges',
  '4000000000000341': 'fails_later',
};

/** `fails_later` pays once and fails at the next invoice. */
export type CardBehaviour = 'pays' | 'declines' | 'challenges' | 'fails_later';

export const TEST_CARDS: readonly { readonly number: string; readonly about: string }[] = [
  { number: '4242 4242 4242 4242', about: 'pays' },
  { number: '4000 0000 0000 0002', about: 'is declined' },
  { number: '4000 0025 0000 3155', about: 'asks for 3-D Secure' },
  { number: '4000 0000 0000 0341', about: 'pays now, fails at the next invoice' },
];

export interface CardFields {
  readonly number: string;
  readonly expiry: string;
  readonly cvc: string;
}

export type CardErrors = { readonly [K in keyof CardFields]?: string };

/** What is wrong with what was typed, field by field; nothing when it can be tried. */
export function checkCard({ number, expiry, cvc }: CardFields, now: Date): CardErrors {
  const digits = number.replaceAll(/[\s-]/g, '');
  const [, month = '', year = ''] = /^(\d{1,2})\s*\/\s*(\d{2}|\d{4})$/.exec(expiry.trim()) ?? [];
  const end = Date.UTC(Number(year.length === 2 ? `20${year}` : year), Number(month), 1);
  return {
    ...(KNOWN[digits] === undefined && {
      number: /^\d{12,19}$/.test(digits)
        ? 'This page takes test cards only, such as 4242 4242 4242 4242.'
        : 'Your card number is not complete.',
    }),
    ...(!(Number(month) >= 1 && Number(month) <= 12 && end > now.getTime()) && {
      expiry: month === '' ? 'Write the date as MM/YY.' : 'Your card has expired.',
    }),
    ...(!/^\d{3,4}$/.test(cvc.trim()) && { cvc: 'The code has 3 or 4 digits.' }),
  };
}

/** @param number one that `checkCard` had nothing against */
export function behaviourOf(number: string): CardBehaviour {
  return KNOWN[number.replaceAll(/[\s-]/g, '')] ?? 'declines';
}
