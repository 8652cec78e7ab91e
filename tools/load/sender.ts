import type { Answer, Api, Like } from './api';
import { pause } from './pause';
import { count, type Tally } from './tally';

const RETRY_FOR_MS = 30_000;
const FIRST_WAIT_MS = 100;
const MAX_WAIT_MS = 2000;
const MAX_RETRY_AFTER_MS = 10_000;
const MS_PER_SECOND = 1000;
const US_PER_MS = 1000;
const TOO_MANY = 429;
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** The outcome of a POST; `unknown`: its likes may be accepted or not. */
export type Outcome = 'taken' | 'refused' | 'unknown';

interface Attempt {
  readonly result: Outcome;
  readonly final: boolean;
  readonly waitMs: number | undefined;
}

/** Repeats a POST until its answer is final, within limits. */
export class Sender {
  constructor(
    private readonly endpoints: readonly Api[],
    private readonly tally: Tally,
    private readonly signal: AbortSignal,
  ) {}

  /** Sends likes to a endpoint, and to the next one with the same ids if that fails. */
  async send(firstEndpoint: number, video: string, likes: readonly Like[]): Promise<Outcome> {
    const begun = performance.now();
    let unsure = false;
    for (let tries = 0; ; tries += 1) {
      const attempt = await this.attempt(firstEndpoint + tries, video, likes);
      if (attempt.result === 'taken') {
        this.tally.posting.record((performance.now() - begun) * US_PER_MS);
        return 'taken';
      }
      unsure ||= attempt.result === 'unknown';
      const tooLate = performance.now() - begun > RETRY_FOR_MS || this.signal.aborted;
      if (attempt.final || tooLate) {
        return unsure ? 'unknown' : 'refused';
      }
      this.tally.retries += 1;
      await pause(attempt.waitMs ?? backoff(tries), this.signal);
    }
  }

  private async attempt(endpoint: number, video: string, likes: readonly Like[]): Promise<Attempt> {
    const api = this.endpoints[endpoint % this.endpoints.length];
    if (api === undefined) {
      throw new Error('no URL to post to');
    }
    try {
      const answer = await api.postLikes(video, likes);
      count(this.tally.answers, String(answer.status));
      return judge(answer);
    } catch (error) {
      const code = codeOf(error);
      count(this.tally.answers, code);
      const result = NEVER_SENT.has(code) ? 'refused' : 'unknown';
      return { result, final: false, waitMs: undefined };
    }
  }
}

function judge({ status, retryAfter }: Answer): Attempt {
  if (status >= 200 && status < 300) {
    return { result: 'taken', final: true, waitMs: undefined };
  }
  const passing = status >= 500 || status === TOO_MANY;
  const result = status >= 500 ? 'unknown' : 'refused';
  return { result, final: !passing, waitMs: waitOf(retryAfter) };
}

function waitOf(retryAfter: string | undefined): number | undefined {
  if (retryAfter === undefined) {
    return undefined;
  }
  const seconds = Number(retryAfter);
  const ms = Number.isNaN(seconds) ? Date.parse(retryAfter) - Date.now() : seconds * MS_PER_SECOND;
  return ms >= 0 ? Math.min(ms, MAX_RETRY_AFTER_MS) : undefined;
}

function backoff(tries: number): number {
  const most = Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** tries);
  return most * (0.5 + Math.random() / 2);
}

function codeOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}
