/** Auth0's subject of a client that acts for itself. */
const MACHINE_SUFFIX = '@clients';

export function isMachine(principal: string): boolean {
  return principal.endsWith(MACHINE_SUFFIX);
}

export function machinePrincipal(clientId: string): string {
  return `${clientId}${MACHINE_SUFFIX}`;
}

export function clientIdOf(principal: string): string {
  return principal.slice(0, -MACHINE_SUFFIX.length);
}
