import type { LoggedPolicy } from '../../schemas/policy';
import type { LoadedChannel } from './loaded-channel';

/** Channels of one partition in memory; if there are more, the oldest saved ones are evicted. */
export const MAX_CHANNELS = 50_000;

/** The bytes of their states, of policies that know these; the rest is as with `MAX_CHANNELS`. */
export const MAX_BYTES = 16 * 1024 * 1024;

/**
 * The channels that an owner has loaded, in the order in which they were loaded. If the policy
 * knows the sizes of its states, they are in the order of their last change.
 */
export class HeldChannels {
  private readonly byName = new Map<string, LoadedChannel>();
  private bytes = 0;

  constructor(private readonly policy: Pick<LoggedPolicy, 'bytes'>) {}

  get(channel: string): LoadedChannel | undefined {
    return this.byName.get(channel);
  }

  values(): Iterable<LoadedChannel> {
    return this.byName.values();
  }

  add(held: LoadedChannel): void {
    this.byName.set(held.channel, held);
    this.noteChange(held);
  }

  /** Notes that the states of a channel have changed. */
  noteChange(held: LoadedChannel): void {
    const { policy } = this;
    if (!policy.bytes) return;
    let bytes = 0;
    for (const { state } of Object.values(held.vector)) bytes += policy.bytes(state);
    this.bytes += bytes - held.bytes;
    held.bytes = bytes;
    this.byName.delete(held.channel);
    this.byName.set(held.channel, held);
  }

  /** Evicts saved channels beyond the bounds, the first ones in the order. */
  evict(): void {
    for (const { bytes, channel, isUnsaved } of this.byName.values()) {
      if (this.byName.size <= MAX_CHANNELS && this.bytes <= MAX_BYTES) return;
      if (isUnsaved) continue;
      this.byName.delete(channel);
      this.bytes -= bytes;
    }
  }
}
