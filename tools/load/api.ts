import { Pool } from 'undici';
import { type Door, doorOf } from './door';
import type { Reactions } from './messages';

const CONNECTIONS = 128;
const ANSWER_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 5000;
const OK = 200;

/** A like as it is posted. */
export interface Like {
  readonly likeId: string;
  readonly reaction: string;
}

/** A video's counts. */
export interface Counts {
  readonly total: number;
  readonly reactions: Reactions;
}

/** What came back for a POST. */
export interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
}

/** The likes backend behind one door, over connections that are kept open. */
export class Api {
  private readonly door: Door;
  private readonly pool: Pool;
  private readonly headers: Record<string, string>;

  constructor(url: URL, token: string | undefined, answerTimeoutMs = ANSWER_TIMEOUT_MS) {
    this.door = doorOf(url);
    this.pool = new Pool(this.door.origin, {
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

  /** Posts one like as it is, several as a batch; fails when no answer comes. */
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

  /** The video's total; rejects when the answer has none. */
  async total(video: string): Promise<number> {
    return (await this.counts(video)).total;
  }

  /** The video's total and the count of each reaction; rejects when the answer has no total. */
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
      throw new Error(`GET ${this.door.origin}${path} answered ${statusCode}: ${text}`);
    }
    return counts;
  }

  /** Drops all connections. */
  close(): Promise<void> {
    return this.pool.destroy();
  }

  private likesPath(video: string): string {
    return `${this.door.base}/videos/${video}/likes`;
  }
}

function countsIn(text: string): Counts | undefined {
  const { total, reactions = {} } = JSON.parse(text) as Partial<Counts>;
  return typeof total === 'number' ? { total, reactions } : undefined;
}
