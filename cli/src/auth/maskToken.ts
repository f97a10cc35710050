/** Begins every personal access token. */
const PERSONAL = 'stgp_';
/** A token is guessed no easier for its last characters when it has many more, which all real ones have. */
const LEAST = 24;

export const isPersonalToken = (token: string): boolean => token.startsWith(PERSONAL);

/** Enough of a token to know it by: its kind and its end. */
export function maskToken(token: string): string {
  const kind = isPersonalToken(token) ? PERSONAL : '';
  return `${kind}…${token.length < LEAST ? '' : token.slice(-4)}`;
}
