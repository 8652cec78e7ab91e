import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import Koa, { type Context } from 'koa';

/** A request with a body, as a service receives it. */
export function requestWith(
  body: Buffer | string,
  headers: Record<string, string> = {},
): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  const bytes = Buffer.from(body);
  request.method = 'POST';
  request.headers = { 'content-length': String(bytes.length), ...headers };
  for (let at = 0; at < bytes.length; at += 1_000) request.push(bytes.subarray(at, at + 1_000));
  request.push(null);
  return request;
}

/** The context that Koa would pass to a route for this request. */
export function contextOf(url: string, headers: Record<string, string> = {}): Context {
  const request = new IncomingMessage(new Socket());
  request.url = url;
  request.method = 'GET';
  request.headers = { host: 'localhost', ...headers };
  return new Koa().createContext(request, new ServerResponse(request));
}
