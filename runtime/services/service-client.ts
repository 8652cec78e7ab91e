import { Agent, type Dispatcher } from 'undici';
import type { z } from 'zod';
import { asLikestreamError, LikestreamError } from '../../schemas/errors';
import { BoundedMap } from '../bounded-map';
import { MAX_SENDERS, type ServiceIdentity } from './service-identity';
import {
  ANSWER_HEADER,
  CALL_HEADER,
  callHeader,
  MEMBER_HEADER,
  REFUSAL_HEADER,
  UNKNOWN_RECEIVER,
} from './signed-call';

const CALL_MS = 2_000;
const CONNECTIONS_PER_ORIGIN = 4;

/** The largest answer between services. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/** A call to another process. */
export interface ServiceCall {
  readonly method: Dispatcher.HttpMethod;
  /** The path with the query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
  /** The member for whom the call is forwarded. */
  readonly member?: string;
  readonly timeoutMs?: number;
}

/** The answer to a call that the other process has executed. */
export interface ServiceAnswer {
  readonly status: number;
  readonly headers: Dispatcher.ResponseData['headers'];
  readonly body: Buffer;
}

/** An answer, with what is needed to verify it. */
interface Exchange extends ServiceAnswer {
  readonly code: string;
}

/** Calls other services: signed calls and answers, over persistent connections. */
export class ServiceClient {
  /** By origin, the boot id of the process there. */
  private readonly bootIds = new BoundedMap<string, string>(MAX_SENDERS);
  private readonly agent = new Agent({
    connections: CONNECTIONS_PER_ORIGIN,
    connectTimeout: CALL_MS,
  });

  constructor(private readonly identity: ServiceIdentity) {}

  /** Posts `body`, and parses the answer; rejects with `not_found` or `peer_unavailable`. */
  post<T>(url: string, body: object, shape: z.ZodType<T>): Promise<T> {
    return this.postJson(url, JSON.stringify(body), shape);
  }

  /** As `post`, of a body that is JSON already. */
  async postJson<T>(url: string, body: string, shape: z.ZodType<T>): Promise<T> {
    const { origin, path } = partsOf(url);
    const headers = { 'content-type': 'application/json' };
    const answer = await this.call(origin, { method: 'POST', path, headers, body });
    if (answer.status === 404) throw new LikestreamError('not_found', url);
    if (answer.status !== 200) {
      throw new LikestreamError('peer_unavailable', `${answer.status} from ${url}`);
    }
    try {
      return shape.parse(JSON.parse(answer.body.toString()));
    } catch (error) {
      throw asLikestreamError(error, 'peer_unavailable');
    }
  }

  /** Makes a call; rejects with `peer_unavailable` if no process there answers with a code. */
  async call(origin: string, call: ServiceCall): Promise<ServiceAnswer> {
    try {
      const first = await this.exchange(origin, call);
      const answer = this.notesRefusal(origin, first) ? await this.exchange(origin, call) : first;
      this.requireSigned(origin, answer);
      return answer;
    } catch (error) {
      throw asLikestreamError(error, 'peer_unavailable');
    }
  }

  close(): Promise<void> {
    return this.agent.destroy();
  }

  private async exchange(origin: string, call: ServiceCall): Promise<Exchange> {
    const { body, headers, member = '', method, path, timeoutMs = CALL_MS } = call;
    const { bootId: sender, keys } = this.identity;
    const receiver = this.bootIds.get(origin) ?? UNKNOWN_RECEIVER;
    const number = this.identity.nextNumber();
    const signed = callHeader(keys, { method, path, member, sender, receiver, number }, body);
    // Not a URL, which would change the signed path: `..`, quotes, an empty query.
    const answer = await this.agent.request({
      origin,
      path,
      method,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      headers: { ...headers, [CALL_HEADER]: signed, ...(member && { [MEMBER_HEADER]: member }) },
      ...(body !== '' && { body }),
    });
    const code = signed.slice(signed.lastIndexOf(' ') + 1);
    const text = await bodyOf(answer);
    return { status: answer.statusCode, headers: answer.headers, body: text, code };
  }

  /** Whether the call was refused without being executed; then the right boot id is known. */
  private notesRefusal(origin: string, { code, headers, status }: Exchange): boolean {
    const [bootId = '', given = ''] = String(headers[REFUSAL_HEADER] ?? '').split(' ');
    if (status !== 401 || !this.identity.keys.isSigned(given, 'refusal', [code, bootId])) {
      return false;
    }
    this.bootIds.set(origin, bootId);
    return true;
  }

  private requireSigned(origin: string, { body, code, headers, status }: Exchange): void {
    const given = String(headers[ANSWER_HEADER] ?? '');
    if (this.identity.keys.isSigned(given, 'answer', [code, status], body)) return;
    throw new LikestreamError('peer_unavailable', `${status} without a code from ${origin}`);
  }
}

function partsOf(url: string): { readonly origin: string; readonly path: string } {
  try {
    const { origin, pathname } = new URL(url);
    return { origin, path: pathname };
  } catch (error) {
    throw asLikestreamError(error, 'peer_unavailable');
  }
}

async function bodyOf({ body }: Dispatcher.ResponseData): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw new LikestreamError('peer_unavailable', 'a long answer');
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
}
