/** The parts of a server's public URL that raw sockets need. */
export interface Endpoint {
  readonly origin: string;
  readonly host: string;
  readonly port: number;
  /** The start of every path, without a slash at its end. */
  readonly base: string;
}

const DEFAULT_HTTP_PORT = 80;

/** Parses a URL. */
export function endpointOf(url: URL): Endpoint {
  return {
    origin: url.origin,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? DEFAULT_HTTP_PORT : Number(url.port),
    base: url.pathname.replace(/\/$/, ''),
  };
}

/** The request head for a channel's likes; resumes from `lastId` if that is not empty. */
export function streamHead(
  endpoint: Endpoint,
  channel: string,
  lastId: string,
  token?: string,
): string {
  const lines = [
    `GET ${endpoint.base}/stream?channel=${channel}&events=likes HTTP/1.1`,
    `Host: ${new URL(endpoint.origin).host}`,
    'Accept: text/event-stream',
    'Cache-Control: no-cache',
  ];
  if (token !== undefined) {
    lines.push(`Authorization: Bearer ${token}`);
  }
  if (lastId !== '') {
    lines.push(`Last-Event-ID: ${lastId}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}
