import { likes as likesType } from '../../schemas/likes';
import type { Datacenters } from './datacenters';
import type { Seeded } from './seeded';
import { SimulatedViewer } from './viewer';

export const VIDEOS = ['a', 'b', 'c'];

const VIEWERS = 20;
const REACTIONS = ['like', 'love', 'funny'];
const MAX_TRIES = 6;
const RETRY_MS = 250;

/** Copies of one id come up to this long after the first: up to half the window, or far beyond. */
const MAX_LATE_MS = 12_000;

/** Viewers who watch, and members who like: some twice, some with clocks that are wrong. */
export class Crowd {
  readonly viewers: SimulatedViewer[];
  /** Each id that was answered with success, by channel. */
  readonly answered = new Map<string, Set<string>>();
  private readonly random: Seeded;

  constructor(
    private readonly all: Datacenters,
    violation: (what: string) => void,
    trace: (line: string) => void,
  ) {
    this.random = all.random.fork();
    this.viewers = Array.from({ length: VIEWERS }, (_, at) => {
      const channels = VIDEOS.filter(() => this.random.once(2)).map(channelOf);
      return new SimulatedViewer({
        name: `viewer-${at}`,
        channels: channels.length > 0 ? channels : [channelOf('a')],
        clock: all.clock,
        random: this.random.fork(),
        door: () => this.random.pick(all.worlds).openFrontend(),
        maySeeDoubles: all.worlds.length > 1,
        violation: (what) => violation(`viewer-${at}: ${what}`),
        trace,
      });
    });
  }

  connect(): void {
    for (const viewer of this.viewers) viewer.connect();
  }

  /** A member likes: once, or by copies that come at the same moment, soon, or much later. */
  like(): void {
    const video = this.random.pick(VIDEOS);
    const asked = { likeId: this.makeId(), reaction: this.random.pick(REACTIONS) };
    void this.post(video, asked, MAX_TRIES);
    while (asked.likeId !== undefined && this.random.once(3)) {
      const late = this.random.once(2) ? this.random.below(3) : this.random.below(MAX_LATE_MS);
      this.all.clock.after(late, () => void this.post(video, asked, MAX_TRIES));
    }
  }

  private makeId(): string | undefined {
    const kind = this.random.below(10);
    if (kind === 0) return undefined;
    if (kind === 1) return `own-${this.random.entropy.secretId()}`;
    const skew = kind === 2 ? this.random.below(20_000) - 10_000 : this.random.below(200) - 100;
    return this.random.entropy.timedId(this.all.clock.now() + skew);
  }

  private async post(
    video: string,
    asked: { likeId: string | undefined; reaction: string },
    tries: number,
  ): Promise<void> {
    const { acceptance, process } = this.random.pick(this.random.pick(this.all.worlds).producers);
    if (!process.runs) return this.again(video, asked, tries);
    try {
      const taken = await process.within(() => acceptance.accept(video, 'member', [asked]));
      for (const { like } of taken) this.answeredOf(channelOf(video)).add(like.likeId);
    } catch {
      this.again(video, asked, tries);
    }
  }

  private again(
    video: string,
    asked: { likeId: string | undefined; reaction: string },
    tries: number,
  ): void {
    if (tries <= 1) return;
    this.all.clock.after(RETRY_MS, () => void this.post(video, asked, tries - 1));
  }

  private answeredOf(channel: string): Set<string> {
    const ids = this.answered.get(channel) ?? new Set();
    this.answered.set(channel, ids);
    return ids;
  }
}

export function channelOf(video: string): string {
  return `${likesType.channelKind}:${video}`;
}
