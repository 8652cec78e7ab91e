import { call, pause, tapId } from '../end-to-end/api';
import type { Seeded } from '../simulation/seeded';

const AGAIN_MS = 200;
const MAX_TRIES = 300;

/** A public server and the index of its datacenter. */
export interface Target {
  readonly at: number;
  readonly url: string;
}

export interface CommentWriterOptions {
  readonly video: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly random: Seeded;
  /** The target of the next try. */
  readonly next: () => Target;
}

/** Writes and deletes comments, each again with its id until it is answered. */
export class CommentWriter {
  /** Ids that were answered, in order. */
  readonly accepted: string[] = [];
  /** Ids whose deletion was answered. */
  readonly deleted = new Set<string>();
  /** Ids of which copies may be in the logs of two datacenters. */
  readonly doubled = new Set<string>();
  /** The answers that were no success, each once. */
  readonly problems = new Set<string>();

  constructor(private readonly options: CommentWriterOptions) {}

  /** Writes a new comment; resolves once it is accepted. */
  async write(text: string): Promise<void> {
    const commentId = tapId();
    const sentTo = new Set<number>();
    await this.untilAnswered(async ({ at, url }) => {
      const path = `/videos/${this.options.video}/comments`;
      sentTo.add(at);
      const { headers } = this.options;
      return call(url, 'POST', path, { headers, body: { commentId, text } });
    });
    this.accepted.push(commentId);
    if (sentTo.size > 1) this.doubled.add(commentId);
  }

  /** Deletes one of the accepted comments that are not deleted; the newest ones only, or any. */
  async remove(newest = this.accepted.length): Promise<void> {
    const some = this.accepted.slice(-newest).filter((id) => !this.deleted.has(id));
    if (some.length === 0) return;
    const commentId = this.options.random.pick(some);
    this.deleted.add(commentId);
    await this.untilAnswered(({ url }) => {
      const path = `/videos/${this.options.video}/comments/${commentId}`;
      return call(url, 'DELETE', path, { headers: this.options.headers });
    });
  }

  /** The accepted comments that were not deleted, sorted. */
  get remaining(): string[] {
    return this.accepted.filter((id) => !this.deleted.has(id)).sort();
  }

  private async untilAnswered(send: (target: Target) => Promise<{ status: number; text: string }>) {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const answer = await send(this.options.next()).catch(() => undefined);
      if (answer && answer.status < 300) return;
      if (answer) this.problems.add(`${answer.status} ${JSON.parse(answer.text).code}`);
      await pause(AGAIN_MS);
    }
    throw new Error(`no answer: ${[...this.problems].join()}`);
  }
}
