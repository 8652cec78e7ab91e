import { call, pause, tapId } from '../end-to-end/api';
import type { Site } from './site';

const AGAIN_MS = 100;
const LIKES_PER_POST = 5;
const LIKES_POSTED_AGAIN = 10;

/**
 * Likes videos one after the other until it is stopped. Repeats each like with its id until it is
 * answered, so every id must be counted once at the end.
 */
export class SteadyLikes {
  /** By video, the ids that were answered. */
  readonly answered = new Map<string, Set<string>>();
  /** The codes of problems, each once. */
  readonly problems = new Set<string>();
  private isEnding = false;
  private work: Promise<void> | undefined;

  constructor(
    private readonly site: Site,
    private readonly videos: readonly string[],
  ) {
    for (const video of videos) this.answered.set(video, new Set());
  }

  start(): void {
    this.isEnding = false;
    this.work = this.run();
  }

  /** Resolves when the last post was answered. */
  async stop(): Promise<void> {
    this.isEnding = true;
    await this.work;
  }

  /** Likes each video once. */
  async once(): Promise<void> {
    for (const video of this.videos) await this.like(video);
  }

  /** Posts the last answered likes of each video again. */
  async again(): Promise<void> {
    for (const [video, ids] of this.answered) {
      const likes = [...ids].slice(-LIKES_POSTED_AGAIN).map((likeId) => ({ likeId }));
      for (let at = 0; at < likes.length; at += LIKES_PER_POST) {
        await this.postUntilAnswered(video, likes.slice(at, at + LIKES_PER_POST));
      }
    }
  }

  private async run(): Promise<void> {
    while (!this.isEnding) await this.once();
  }

  private async like(video: string): Promise<void> {
    const likes = Array.from({ length: LIKES_PER_POST }, () => ({ likeId: tapId() }));
    await this.postUntilAnswered(video, likes);
    for (const { likeId } of likes) this.answered.get(video)?.add(likeId);
  }

  private async postUntilAnswered(video: string, likes: readonly { likeId: string }[]) {
    for (let tries = 0; !(await this.post(video, likes, tries)); tries += 1) await pause(AGAIN_MS);
  }

  private async post(video: string, likes: readonly { likeId: string }[], tries: number) {
    const { headers, roles } = this.site;
    const url = roles.producer[tries % roles.producer.length]?.url ?? '';
    const path = `/videos/${video}/likes`;
    const answer = await call(url, 'POST', path, { headers, body: { likes } }).catch(
      () => undefined,
    );
    if (answer && answer.status < 300) return true;
    if (answer) this.problems.add(`${answer.status} ${JSON.parse(answer.text).code}`);
    return false;
  }
}
