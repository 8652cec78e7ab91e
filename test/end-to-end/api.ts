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
  /** Sent as JSON, or as it is where it is text or bytes. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly agent?: Agent;
}

/** One request and its whole answer; the path goes out as it is written. */
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

/** Posts to a video's likes. */
export function post(
  base: string,
  videoId: string,
  body?: unknown,
  options: CallOptions = {},
): Promise<Answer> {
  return call(base, 'POST', `/videos/${videoId}/likes`, { ...options, body });
}

const like = z.object({
  likeId: z.string(),
  videoId: z.string(),
  reaction: z.string(),
  at: z.int(),
});
export type Like = z.infer<typeof like>;

/** The like that an answer carries. */
export function likeIn(answer: Answer): Like {
  return like.parse(JSON.parse(answer.text));
}

/** The likes that an answer to many carries. */
export function likesIn(answer: Answer): Like[] {
  return z.object({ likes: z.array(like) }).parse(JSON.parse(answer.text)).likes;
}

const totals = z.object({
  videoId: z.string(),
  total: z.int(),
  reactions: z.record(z.string(), z.int()),
});

/** A video's totals as `GET` gives them. */
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

/** A metric of the process tree; undefined while it is not there. */
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

/** The problem that an answer is, checked against RFC 9457 as the contract has it. */
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

/** A like's id as a client makes it when a person taps. */
export function tapId(at: number = Date.now()): string {
  return v7({ msecs: at });
}

export function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Tries `check` until it does not throw; after `ms` milliseconds rejects with what it last threw. */
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
