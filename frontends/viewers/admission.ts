import { LikestreamError } from '../../schemas/errors';
import type { EventType } from '../../schemas/event-type';
import type { Channels } from '../channels/channels';
import type { Memberships } from '../memberships';

/** The most channels of one worker, lingering ones included. */
export const DEFAULT_MAX_CHANNELS = 100_000;

export interface AdmissionOptions {
  readonly channels: Channels;
  readonly memberships: Pick<Memberships, 'makeRoom'>;
  /** The most channels held; `DEFAULT_MAX_CHANNELS` if not given. */
  readonly maxChannels?: number | undefined;
}

/** Decides whether a worker has room for the channels that a stream joins. */
export class Admission {
  constructor(private readonly options: AdmissionOptions) {}

  /** Throws `full` if the worker cannot hold these channels, too. */
  requireRoom(names: readonly string[]): void {
    const { channels, maxChannels = DEFAULT_MAX_CHANNELS, memberships } = this.options;
    const excess = () => channels.size + channels.countNew(names) - maxChannels;
    // Channels without viewers are only kept for reconnects, so they are released first.
    if (excess() > 0) memberships.makeRoom(excess(), names);
    if (excess() > 0) throw new LikestreamError('full');
  }

  /** Throws `full` if a channel can have no view of these event types. */
  requireView(name: string, types: readonly EventType[]): void {
    const hasRoom = this.options.channels.get(name)?.hasRoomFor(types) ?? true;
    if (!hasRoom) throw new LikestreamError('full', 'too many sets of event types');
  }

  /** The event types of a channel that are asked for; throws `invalid_channel` if none is left. */
  select(name: string, events: readonly string[] | undefined): readonly EventType[] {
    const all = this.options.channels.types.of(name);
    if (!events) return all;
    const selected = all.filter((type) => events.includes(type.name));
    if (selected.length > 0) return selected;
    throw new LikestreamError('invalid_channel', `${name} has none of the event types`);
  }
}
