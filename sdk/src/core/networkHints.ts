import { ConnectionError } from './errors.ts';

const CERTIFICATE =
  /^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT(_LOCALLY)?|CERT_\w+|ERR_TLS_\w+)$/;

const HINTS: Readonly<Record<string, string>> = {
  ENOTFOUND:
    'The host name cannot be resolved. Check the address and the network; behind a proxy set HTTPS_PROXY.',
  EAI_AGAIN: 'The host name cannot be resolved just now. Check the network; behind a proxy set HTTPS_PROXY.',
  ECONNREFUSED: 'Nothing listens at that address. Check the address, and that the server is running.',
  ECONNRESET: 'The connection was cut. A proxy or the network may be the reason.',
  EPIPE: 'The connection was cut. A proxy or the network may be the reason.',
  UND_ERR_SOCKET: 'The connection was cut. A proxy or the network may be the reason.',
  ETIMEDOUT: 'There was no answer in time. Check the network; behind a proxy set HTTPS_PROXY.',
  UND_ERR_CONNECT_TIMEOUT: 'There was no answer in time. Check the network; behind a proxy set HTTPS_PROXY.',
  EHOSTUNREACH: 'The network has no way to that host. Check the network or the VPN.',
  ENETUNREACH: 'The network has no way to that host. Check the network or the VPN.',
  EPROTO: 'The server does not speak TLS at that address. Check http and https in the address, and the port.',
  ERR_SSL_WRONG_VERSION_NUMBER:
    'The server does not speak TLS at that address. Check http and https in the address, and the port.',
};

/** What usually stands behind a network failure. Never suggests to switch certificate checks off. */
export function networkHint(error: unknown): string | undefined {
  for (const code of causeCodes(error)) {
    if (CERTIFICATE.test(code)) {
      return 'The certificate is not trusted here. Behind a company proxy, set NODE_EXTRA_CA_CERTS to the file with its CA certificate.';
    }
    const hint = HINTS[code];
    if (hint) return hint;
  }
  return undefined;
}

/** Codes of an error and of what caused it; fetch hides the real reason two levels down. */
function causeCodes(error: unknown): string[] {
  const codes: string[] = [];
  const queue: unknown[] = [error];
  for (let seen = 0; queue.length > 0 && seen < 16; seen += 1) {
    const at = queue.shift();
    if (typeof at !== 'object' || at === null) continue;
    if ('code' in at && typeof at.code === 'string') codes.push(at.code);
    if ('cause' in at) queue.push(at.cause);
    if (at instanceof AggregateError) queue.push(...at.errors);
  }
  return codes;
}

export function connectionError(url: string, cause: unknown): ConnectionError {
  const reason = causeCodes(cause)[0] ?? (cause instanceof Error ? cause.message : String(cause));
  return new ConnectionError(`Cannot reach ${new URL(url).origin} (${reason}).`, {
    code: 'connection_failed',
    retryable: true,
    hint: networkHint(cause),
    cause,
  });
}
