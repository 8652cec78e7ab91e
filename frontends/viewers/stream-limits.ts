import type { Clock } from '../../runtime/clock';
import { Allowances } from '../../runtime/limits/allowances';
import type { LimitName, MostName } from '../../runtime/limits/catalogue';
import { Held } from '../../runtime/limits/held';
import { LikestreamError } from '../../schemas/errors';

export interface StreamLimitsOptions {
  /** The most of something in this process; Infinity: there is no limit. */
  readonly mostOf: (name: MostName) => number;
  /** How often a member may change streams; undefined: there is no limit. */
  readonly joins?: { readonly perS: number; readonly burst: number } | undefined;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** Called for each refusal. */
  readonly limited: (limit: LimitName) => void;
}

/** Whose a stream is. */
export interface Holder {
  readonly memberId: string;
  readonly address?: string | undefined;
}

/** A count of what each member or address has; nothing is counted without a limit. */
interface Count {
  readonly limit: MostName;
  readonly most: number;
  readonly held: Held;
}

/** The streams, and the channels on them, that members and addresses have in this process. */
export class StreamLimits {
  private readonly ofMembers: Count;
  private readonly ofAddresses: Count;
  private readonly channels: Count;
  private readonly joins: Allowances | undefined;

  constructor(private readonly options: StreamLimitsOptions) {
    const { clock, joins, mostOf } = options;
    const count = (limit: MostName) => ({ limit, most: mostOf(limit), held: new Held() });
    this.ofMembers = count('streams_of_member');
    this.ofAddresses = count('streams_of_address');
    this.channels = count('channels_of_address');
    this.joins = joins && new Allowances({ ...joins, clock });
  }

  /** Throws `too_many_streams` if a stream with so many channels would be too much. */
  requireStream({ address, memberId }: Holder, channels: number): void {
    this.requireRoom(this.ofMembers, memberId, 1);
    this.requireRoom(this.ofAddresses, address, 1);
    this.requireRoom(this.channels, address, channels);
  }

  /** Throws `too_many_streams` if another channel would be one too many. */
  requireChannel({ address }: Holder): void {
    this.requireRoom(this.channels, address, 1);
  }

  /** Counts a join or leave by a request; throws `too_many_requests` if there were too many. */
  requireChange({ memberId }: Holder): void {
    const retryAfterMs = this.joins?.take(memberId);
    if (!retryAfterMs) return;
    this.options.limited('joins');
    throw new LikestreamError('too_many_requests', 'joins and leaves', { retryAfterMs });
  }

  /** Counts a stream that has opened, without its channels. */
  addStream({ address, memberId }: Holder): void {
    add(this.ofMembers, memberId, 1);
    add(this.ofAddresses, address, 1);
  }

  /** Counts a stream that has ended, with so many channels. */
  removeStream({ address, memberId }: Holder, channels: number): void {
    add(this.ofMembers, memberId, -1);
    add(this.ofAddresses, address, -1);
    add(this.channels, address, -channels);
  }

  /** Adds channels of a stream; a negative number removes some. */
  addChannels({ address }: Holder, by: number): void {
    add(this.channels, address, by);
  }

  private requireRoom({ held, limit, most }: Count, key: string | undefined, more: number): void {
    if (key === undefined || held.of(key) + more <= most) return;
    this.options.limited(limit);
    throw new LikestreamError('too_many_streams', `at most ${most} in a process`);
  }
}

function add({ held, most }: Count, key: string | undefined, by: number): void {
  if (key !== undefined && most < Infinity) held.add(key, by);
}
