import { LikestreamError } from '../../schemas/errors';
import type { EventType } from '../../schemas/event-type';
import type { Channels } from '../channels/channels';
import type { Memberships } from '../memberships';
import { type Holder, StreamLimits } from './stream-limits';

/** The most channels of one worker, lingering ones included. */
export const DEFAULT_MAX_CHANNELS = 100_000;

export interface AdmissionOptions {
  readonly channels: Channels;
  readonly memberships: Pick<Memberships, 'makeRoom'>;
  /** The most channels held; `DEFAULT_MAX_CHANNELS` if not given. */
  readonly maxChannels?: number | undefined;
  /** The limits of members and addresses; none if not given. */
  readonly limits?: StreamLimits | undefined;
}

const UNLIMITED = new StreamLimits({
  mostOf: () => Infinity,
  clock: { monotonic: () => 0 },
  limited: () => undefined,
});

/** Decides whether a worker has room for a stream, and for the channels that it joins. */
export class Admission {
  readonly limits: StreamLimits;

  constructor(private readonly options: AdmissionOptions) {
    this.limits = options.limits ?? UNLIMITED;
  }

  /** Throws an error if a stream of these channels and types is one too many. */
  requireStream(
    selected: readonly (readonly [string, readonly EventType[]])[],
    holder: Holder | undefined,
  ): void {
    if (holder) this.limits.requireStream(holder, selected.length);
    this.requireRoom(selected.map(([name]) => name));
    for (const [name, types] of selected) this.requireView(name, types);
  }

  /** Throws an error if a stream may not join a channel, too. */
  requireChannel(name: string, types: readonly EventType[], holder: Holder): void {
    this.limits.requireChange(holder);
    this.limits.requireChannel(holder);
    this.requireRoom([name]);
    this.requireView(name, types);
  }

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
