import { Pool } from 'undici';
import { type Endpoint, endpointOf } from './endpoint';
import type { Reactions } from './messages';

const CONNECTIONS = 128;
const ANSWER_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 5000;
const OK = 200;

/** A like in a POST. */
export interface Like {
  readonly likeId: string;
  readonly reaction: string;
}

/** A video's counts. */
export interface Counts {
  readonly total: number;
  readonly reactions: Reactions;
}

/** The answer to a POST. */
export interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
}

/** Calls to one endpoint, over connections that stay open. */
export class Api {
  private readonly endpoint: Endpoint;
  private readonly pool: Pool;
  private readonly headers: Record<string, string>;

  constructor(url: URL, token: string | undefined, answerTimeoutMs = ANSWER_TIMEOUT_MS) {
    this.endpoint = endpointOf(url);
    this.pool = new Pool(this.endpoint.origin, {
      connections: CONNECTIONS,
      headersTimeout: answerTimeoutMs,
      bodyTimeout: answerTimeoutMs,
      connect: { timeout: CONNECT_TIMEOUT_MS },
    });
    this.headers = {
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    };
  }

  /** Posts one like as an object, several as a batch; rejects without an answer. */
  async postLikes(video: string, likes: readonly Like[]): Promise<Answer> {
    const { statusCode, headers, body } = await this.pool.request({
      method: 'POST',
      path: this.likesPath(video),
      headers: this.headers,
      body: JSON.stringify(likes.length === 1 ? likes[0] : { likes }),
    });
    await body.dump();
    const retryAfter = headers['retry-after'];
    return {
      status: statusCode,
      retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined,
    };
  }

  /** The video's total; rejects if the answer has none. */
  async total(video: string): Promise<number> {
    return (await this.counts(video)).total;
  }

  /** The video's total and the count of each reaction; rejects if the answer has no total. */
  async counts(video: string): Promise<Counts> {
    const path = this.likesPath(video);
    const { statusCode, body } = await this.pool.request({
      method: 'GET',
      path,
      headers: this.headers,
    });
    const text = await body.text();
    const counts = statusCode === OK ? countsIn(text) : undefined;
    if (counts === undefined) {
      throw new Error(`GET ${this.endpoint.origin}${path} answered ${statusCode}: ${text}`);
    }
    return counts;
  }

  /** The JSON of a path; rejects if the answer is not 200. */
  async get(path: string): Promise<unknown> {
    const { body, statusCode } = await this.pool.request({
      method: 'GET',
      path: this.endpoint.base + path,
      headers: this.headers,
    });
    const text = await body.text();
    if (statusCode !== OK) throw new Error(`GET ${path} answered ${statusCode}: ${text}`);
    return JSON.parse(text);
  }

  /** Posts JSON to a path; resolves with the status. */
  async post(path: string, content: object): Promise<number> {
    const { body, statusCode } = await this.pool.request({
      method: 'POST',
      path: this.endpoint.base + path,
      headers: this.headers,
      body: JSON.stringify(content),
    });
    await body.dump();
    return statusCode;
  }

  /** Closes all connections. */
  close(): Promise<void> {
    return this.pool.destroy();
  }

  private likesPath(video: string): string {
    return `${this.endpoint.base}/videos/${video}/likes`;
  }
}

function countsIn(text: string): Counts | undefined {
  const { total, reactions = {} } = JSON.parse(text) as Partial<Counts>;
  return typeof total === 'number' ? { total, reactions } : undefined;
}
