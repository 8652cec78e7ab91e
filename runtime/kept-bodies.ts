import type { IncomingMessage } from 'node:http';

const bodies = new WeakMap<IncomingMessage, string>();

/** Keeps a request's body that was read already, for those who read it after that. */
export function keepBody(request: IncomingMessage, body: string): void {
  bodies.set(request, body);
}

/** The body that was read already; undefined if it was not. */
export function keptBody(request: IncomingMessage): string | undefined {
  return bodies.get(request);
}
