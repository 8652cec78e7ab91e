import { type Agent, type IncomingHttpHeaders, request } from 'node:http';
import { v7 } from 'uuid';
import { z } from 'zod';

const ANSWER_MS = 15_000;

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface CallOptions {
  /** Sent as JSON; text and bytes are sent without a change. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly agent?: Agent;
}

/** One request and its whole answer; the path is sent without a change. */
export function call(
  base: string,
  method: string,
  path: string,
  { body, headers, agent }: CallOptions = {},
): Promise<Answer> {
  const { hostname, port } = new URL(base);
  const isRaw = typeof body === 'string' || body instanceof Uint8Array || body === undefined;
  const payload = isRaw ? body : JSON.stringify(body);
  const length = payload === undefined ? 0 : Buffer.byteLength(payload);
  const isSized = payload !== undefined && headers?.['Transfer-Encoding'] === undefined;
  const sized = isSized ? { 'Content-Length': length } : {};
  return new Promise((resolve, reject) => {
    const options = { hostname, port, method, path, agent, timeout: ANSWER_MS };
    const sent = request({ ...options, headers: { ...sized, ...headers } }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text });
      });
    });
    sent.on('error', reject);
    sent.on('timeout', () => sent.destroy(new Error(`no answer to ${method} ${path}`)));
    sent.end(payload);
  });
}

/** Posts to a video's likes, or to its events of another type. */
export function post(
  base: string,
  videoId: string,
  body?: unknown,
  { type = 'likes', ...options }: CallOptions & { readonly type?: string } = {},
): Promise<Answer> {
  return call(base, 'POST', `/videos/${videoId}/${type}`, { ...options, body });
}

const like = z.object({
  likeId: z.string(),
  videoId: z.string(),
  reaction: z.string(),
  at: z.int(),
  place: z.string().regex(/^[a-z0-9]+\.\d+@\d+$/),
});
export type Like = z.infer<typeof like>;

/** The like in an answer. */
export function likeIn(answer: Answer): Like {
  return like.parse(JSON.parse(answer.text));
}

/** The likes in an answer to several. */
export function likesIn(answer: Answer): Like[] {
  return z.object({ likes: z.array(like) }).parse(JSON.parse(answer.text)).likes;
}

const totals = z.object({
  videoId: z.string(),
  total: z.int(),
  reactions: z.record(z.string(), z.int()),
});

/** A video's totals from `GET`. */
export async function totalsOf(
  base: string,
  videoId: string,
  options: CallOptions = {},
): Promise<z.infer<typeof totals>> {
  const answer = await call(base, 'GET', `/videos/${videoId}/likes`, options);
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
  return totals.parse(JSON.parse(answer.text));
}

export async function totalOf(base: string, videoId: string): Promise<number> {
  return (await totalsOf(base, videoId)).total;
}

/** A metric of the process tree; undefined if it is missing. */
export async function metric(adminUrl: string, name: string): Promise<number | undefined> {
  const { text } = await call(adminUrl, 'GET', '/metrics');
  const line = text.split('\n').find((each) => each.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length));
}

const problem = z.object({
  status: z.int(),
  title: z.string().min(1),
  detail: z.string().min(1).optional(),
  code: z.string().regex(/^[a-z][a-z0-9_]*$/),
});

/** The problem in an answer, checked against RFC 9457 and docs/protocol.md. */
export function problemIn(answer: Answer): z.infer<typeof problem> {
  const type = answer.headers['content-type'] ?? 'none';
  if (!type.startsWith('application/problem+json')) {
    throw new Error(`${answer.status} of type ${type}: ${answer.text.slice(0, 200)}`);
  }
  const found = problem.parse(JSON.parse(answer.text));
  if (found.status !== answer.status) throw new Error(`${answer.status} says ${answer.text}`);
  if (/\bat .*\.js:\d+/.test(answer.text)) throw new Error(`a stack trace: ${answer.text}`);
  return found;
}

/** The id that a client makes for a tap at this time. */
export function tapId(at: number = Date.now()): string {
  return v7({ msecs: at });
}

export function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Repeats `check` until it does not throw; after `ms` rejects with its last error. */
export async function eventually<T>(check: () => T | Promise<T>, ms = 5_000): Promise<T> {
  const until = Date.now() + ms;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > until) throw error;
      await pause(25);
    }
  }
}
