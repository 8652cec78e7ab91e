/** One public door of the server, taken apart for raw sockets. */
export interface Door {
  readonly origin: string;
  readonly host: string;
  readonly port: number;
  /** What stands before every path, without a slash at its end. */
  readonly base: string;
}

const DEFAULT_HTTP_PORT = 80;

/** Takes an address apart. */
export function doorOf(url: URL): Door {
  return {
    origin: url.origin,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? DEFAULT_HTTP_PORT : Number(url.port),
    base: url.pathname.replace(/\/$/, ''),
  };
}

/** The head of the request for a channel's stream, going on from `lastId` unless that is empty. */
export function streamHead(door: Door, channel: string, lastId: string, token?: string): string {
  const lines = [
    `GET ${door.base}/stream?channel=${channel} HTTP/1.1`,
    `Host: ${new URL(door.origin).host}`,
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
