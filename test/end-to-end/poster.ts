import { Agent } from 'node:http';
import { eventually, likeIn, likesIn, pause, post, range, tapId, totalOf } from './api';
import type { Server } from './server';
import { idsIn } from './store';
import type { StreamClient } from './stream-client';

const REACTIONS = ['like', 'celebrate', 'support', 'love', 'insightful', 'funny'];
const AGAIN_MS = 20;
const MAX_TRIES = 400;

export interface PosterOptions {
  /** The current URL of the server. */
  readonly url: () => string;
  readonly videoId: string;
  readonly clients: number;
  /** A pause of each client between two posts, ms. */
  readonly gapMs?: number;
  /** Sent with every post. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Clients that like until they are stopped; each repeats a like until it is answered. */
export class Poster {
  /** Ids that were answered with 200 or 201. */
  readonly answered = new Set<string>();
  /** Ids that were sent, answered or not. */
  readonly asked = new Set<string>();
  /** The number of answers by status; 0: no answer. */
  readonly statuses = new Map<number, number>();
  readonly agent = new Agent({ keepAlive: true });
  readonly headers: Readonly<Record<string, string>>;
  private readonly clients: Promise<void>[];
  private isOver = false;
  private sent = 0;

  constructor(private readonly options: PosterOptions) {
    this.headers = options.headers ?? {};
    this.clients = range(options.clients).map(() => this.run());
  }

  /** Stops; resolves when the last like is answered or abandoned. */
  async stop(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.clients);
    this.agent.destroy();
  }

  private async run(): Promise<void> {
    while (!this.isOver) {
      const ids = range(this.sent++ % 4 ? 1 : 5).map(() => this.newId());
      for (const likeId of ids) this.asked.add(likeId);
      await this.send(ids);
      if (this.options.gapMs) await pause(this.options.gapMs);
    }
  }

  // Some ids are no UUIDs; only the store shows that they are repeated.
  private newId(): string {
    return this.sent % 3 ? tapId() : `tap-${this.sent}-${Math.random().toString(36).slice(2)}`;
  }

  private async send(ids: readonly string[]): Promise<void> {
    const likes = ids.map((likeId, n) => ({ likeId, reaction: REACTIONS[n % REACTIONS.length] }));
    const isOne = likes.length === 1;
    // One in ten likes is sent only once, so that some likes stay unanswered.
    const tries = this.sent % 10 === 0 ? 1 : MAX_TRIES;
    for (let turn = 0; turn < tries && !(this.isOver && turn > 0); turn++) {
      const { videoId } = this.options;
      const sent = post(this.options.url(), videoId, isOne ? likes[0] : { likes }, this);
      const answer = await sent.catch(() => undefined);
      const status = answer?.status ?? 0;
      this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
      if (answer && (status === 200 || status === 201)) {
        const taken = isOne ? [likeIn(answer)] : likesIn(answer);
        for (const { likeId } of taken) this.answered.add(likeId);
        return;
      }
      await pause(AGAIN_MS);
    }
  }
}

/** The ids of answered and of sent likes. */
export interface Ledger {
  readonly answered: ReadonlySet<string>;
  readonly asked: ReadonlySet<string>;
}

/**
 * Waits up to `ms` until the promise holds: the viewers' last totals, the total of GET and the
 * number of rows are equal, every answered id has a row, and every row has an id that was sent.
 */
export function expectExact(
  server: Server,
  videoId: string,
  { answered, asked }: Ledger,
  viewers: readonly StreamClient[],
  ms: number,
): Promise<number> {
  return eventually(async () => {
    const total = await totalOf(server.url, videoId);
    const rows = await idsIn(server.dataDir, videoId);
    expect([...answered].filter((likeId) => !rows.has(likeId))).toEqual([]);
    expect([...rows].filter((likeId) => !asked.has(likeId))).toEqual([]);
    expect({ total, of: 'GET' }).toEqual({ total: rows.size, of: 'GET' });
    for (const viewer of viewers) {
      expect(viewer.faults).toEqual([]);
      expect(viewer.total(`video:${videoId}`)).toBe(total);
    }
    return total;
  }, ms);
}
