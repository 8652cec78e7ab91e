import type { Vector } from '../schemas/state';
import { Channel } from './channel';

/** The channels with viewers on this worker: the in-memory subscription table. */
export class Channels {
  private readonly byName = new Map<string, Channel>();

  constructor(
    /** Told when a channel has changed and wants to be flushed. */
    private readonly changed: (channel: Channel) => void,
  ) {}

  get(name: string): Channel | undefined {
    return this.byName.get(name);
  }

  /** The channel, made where it is not there yet; `isNew` tells which. */
  open(name: string): { channel: Channel; isNew: boolean } {
    const known = this.byName.get(name);
    const channel = known ?? new Channel(name);
    if (!known) this.byName.set(name, channel);
    return { channel, isNew: !known };
  }

  /** Takes what a channel has become; nothing happens where nothing is newer, or nobody watches. */
  apply(name: string, vector: Vector, t: number): void {
    const channel = this.byName.get(name);
    if (channel?.apply(vector, t)) this.changed(channel);
  }

  remove(name: string): Channel | undefined {
    const channel = this.byName.get(name);
    this.byName.delete(name);
    return channel;
  }

  /** Each channel with the state that is known of it. */
  *held(): Iterable<readonly [string, Vector]> {
    for (const [name, { vector }] of this.byName) yield [name, vector];
  }

  get size(): number {
    return this.byName.size;
  }
}
