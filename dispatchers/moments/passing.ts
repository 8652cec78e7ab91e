import type { ReceivedMoment } from '../../adapters/moments';
import { BoundedMap } from '../../runtime/bounded-map';
import type { Clock } from '../../runtime/clock';
import type { Update } from '../../schemas/delivery';
import type { MomentType } from '../../schemas/event-type';
import type { EventTypes } from '../../schemas/event-types';
import type { Dispatch } from '../delivery/dispatch';
import { Delays } from './delays';

/** Members and channels whose last moment is kept; the oldest are evicted. */
const MAX_PASSED = 50_000;

export interface PassingOptions {
  readonly types: Pick<EventTypes, 'moments'>;
  readonly dispatch: Pick<Dispatch, 'changed'>;
  readonly clock: Pick<Clock, 'monotonic' | 'now'>;
}

/** The last moment of a member in a channel that was passed on. */
interface Passed {
  /** On the monotonic clock, ms. */
  readonly at: number;
  readonly version: number;
}

/**
 * Passes moments on to the viewers of their channels. The origin of a moment's state is its member,
 * and the version its append time. Dropped are moments older than `showMs`, and those that come
 * within `passEveryMs` of the last one.
 */
export class Passing {
  private readonly types: ReadonlyMap<string, MomentType>;
  private readonly passed = new BoundedMap<string, Passed>(MAX_PASSED);
  private readonly delays: Delays;

  constructor(private readonly options: PassingOptions) {
    this.types = new Map(options.types.moments.map((type) => [type.name, type]));
    this.delays = new Delays(options.clock);
  }

  /** Passes on those of the moments that are of a type of moments. */
  pass(received: readonly ReceivedMoment[]): void {
    const updates = received.flatMap((moment) => this.updateOf(moment) ?? []);
    if (updates.length > 0) this.options.dispatch.changed(updates);
  }

  private updateOf(moment: ReceivedMoment): Update | undefined {
    const { appendedAt, channel, memberId, sending, value } = moment;
    const type = this.types.get(moment.type);
    if (!type || memberId === undefined || !isOfKind(channel, type)) return undefined;
    if (this.delays.note(sending, appendedAt) > type.showMs) return undefined;
    const body = type.body.safeParse(value);
    if (!body.success) return undefined;
    const version = this.nextVersion(`${type.name}/${channel}/${memberId}`, appendedAt, type);
    if (version === undefined) return undefined;
    const vector = { [memberId]: { version, state: type.policy.stateOf(body.data) } };
    return { channel, type: type.name, vector, t: appendedAt };
  }

  /** Undefined if the last moment has just been passed on. Append times may step back. */
  private nextVersion(name: string, appendedAt: number, type: MomentType): number | undefined {
    const at = this.options.clock.monotonic();
    const last = this.passed.get(name);
    if (last && at - last.at < type.passEveryMs) return undefined;
    const version = Math.max(appendedAt, (last?.version ?? 0) + 1);
    this.passed.set(name, { at, version });
    return version;
  }
}

/** Whether a channel has the kind of a type. */
export function isOfKind(channel: string, { channelKind }: { readonly channelKind: string }) {
  return channel.startsWith(`${channelKind}:`);
}
