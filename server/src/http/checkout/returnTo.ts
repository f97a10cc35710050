const HERE = 'http://here.invalid';
/** Where coming back would begin it all over again. */
const LOGIN_PATHS = new Set(['/billing/login', '/billing/callback', '/billing/logout']);
const LONGEST = 500;

/** Where a login leads: a page of ours, or the first one. Never another site, whatever the address says. */
export function safeReturn(text: string | null | undefined): string {
  const url = text && text.length <= LONGEST ? URL.parse(text, HERE) : null;
  if (url?.origin !== HERE || !isPagePath(url.pathname) || LOGIN_PATHS.has(url.pathname)) return '/billing';
  return `${url.pathname}${url.search}`;
}

export function isPagePath(path: string): boolean {
  return path === '/billing' || path.startsWith('/billing/');
}
