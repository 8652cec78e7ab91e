import { BoundedMap } from '../runtime/bounded-map';
import type { Like } from '../schemas/likes';

/** The most likes that are remembered to answer repeats. Owners count a later repeat once, too. */
export const MAX_RECENT_IDS = 20_000;

/** The likes that this process accepted last, by channel and id, in flight or done. */
export class RecentIds {
  private readonly byName = new BoundedMap<string, Promise<Like>>(MAX_RECENT_IDS);

  get(channel: string, likeId: string): Promise<Like> | undefined {
    return this.byName.get(`${channel}/${likeId}`);
  }

  /** Remembers a like in flight. If it fails, it is removed, so that it can be sent again. */
  add(channel: string, likeId: string, like: Promise<Like>): void {
    const name = `${channel}/${likeId}`;
    this.byName.set(name, like);
    like.catch(() => {
      if (this.byName.get(name) === like) this.byName.delete(name);
    });
  }
}
