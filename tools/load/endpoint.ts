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

/** What a viewer asks for. */
export interface Asking {
  readonly channel: string;
  /** Event types, by comma. */
  readonly events: string;
  /** The event id to resume from, if it is not empty. */
  readonly lastId: string;
  readonly token: string | undefined;
}

/** The request head of a stream. */
export function streamHead(endpoint: Endpoint, { channel, events, lastId, token }: Asking): string {
  const lines = [
    `GET ${endpoint.base}/stream?channel=${channel}&events=${events} HTTP/1.1`,
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
