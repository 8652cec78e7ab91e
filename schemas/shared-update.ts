import { feedName, mergeUpdates, type Update } from './delivery';
import type { EventTypes } from './event-types';
import type { Vector } from './state';

/** What an update was merged with last, and the result. */
interface LastMerge {
  readonly vector: Vector;
  readonly t: number;
  readonly merged: SharedUpdate;
}

/**
 * An update for several frontends. Its name, its JSON and its last merge are computed once, and not
 * once for each of them.
 */
export class SharedUpdate implements Update {
  readonly channel: string;
  readonly type: string;
  readonly vector: Vector;
  readonly t: number;
  // Not enumerable, so an update with them equals a plain one.
  readonly #feed: string;
  #json: string | undefined;
  #bytes = 0;
  #last: LastMerge | undefined;

  constructor(update: Update) {
    this.channel = update.channel;
    this.type = update.type;
    this.vector = update.vector;
    this.t = update.t;
    this.#feed = feedName(update);
  }

  /** The update itself if it is shared. */
  static of(update: Update): SharedUpdate {
    return update instanceof SharedUpdate ? update : new SharedUpdate(update);
  }

  /** The name of the feed (`feedName`). */
  get feed(): string {
    return this.#feed;
  }

  /** The update as JSON. */
  get json(): string {
    this.#json ??= JSON.stringify(this);
    return this.#json;
  }

  /** The size of `json`, bytes. */
  get bytes(): number {
    if (this.#bytes === 0) this.#bytes = Buffer.byteLength(this.json);
    return this.#bytes;
  }

  /**
   * Merges an earlier update of the same feed into this one (`mergeUpdates`). Most outboxes that
   * wait merge the same two, so the last result is kept. Of the earlier update only the vector is
   * kept: with the whole update, each would keep all before it in memory.
   */
  mergedOnto(earlier: Update, types: EventTypes): SharedUpdate {
    const { t, vector } = earlier;
    if (this.#last?.vector === vector && this.#last.t === t) return this.#last.merged;
    const merged = new SharedUpdate(mergeUpdates(types, earlier, this));
    this.#last = { vector, t, merged };
    return merged;
  }
}
