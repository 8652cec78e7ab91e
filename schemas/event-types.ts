import { z } from 'zod';
import { LikestreamError } from './errors';
import type { EventType, LeasedType, LoggedType, MomentType } from './event-type';
import { ID_PATTERN } from './ids';
import { type Feeds, type Merge, newest, type Vector, versioned } from './state';

/** The event types of a process, by name; built once at the start, and passed to each role. */
export class EventTypes {
  /** Those with a log, rows and an owner. */
  readonly logged: readonly LoggedType[];
  /** Those that workers contribute to. */
  readonly leased: readonly LeasedType[];
  /** Those that are passed on and not stored. */
  readonly moments: readonly MomentType[];
  private readonly byName: ReadonlyMap<string, EventType>;
  private readonly byKind = new Map<string, EventType[]>();
  private readonly merges = new Map<string, Merge>();
  private readonly vectors = new Map<string, z.ZodType<Vector>>();

  /** Throws an Error if two types have one name. */
  constructor(readonly all: readonly EventType[]) {
    this.byName = new Map(all.map((type) => [type.name, type]));
    if (this.byName.size < all.length) throw new Error('two event types have the same name');
    this.logged = all.filter(isLogged);
    this.leased = all.filter((type) => type.source === 'streams');
    this.moments = all.filter((type) => type.source === 'moments');
    for (const type of all) {
      const { channelKind, name, policy } = type;
      const ofKind = this.byKind.get(channelKind) ?? [];
      this.byKind.set(channelKind, isOnStreams(type) ? [...ofKind, type] : ofKind);
      this.merges.set(name, (one, other) => policy.merge(one, other));
      this.vectors.set(name, z.record(z.string(), versioned.extend({ state: policy.state })));
    }
  }

  get(name: string): EventType | undefined {
    return this.byName.get(name);
  }

  /** The logged type of this name. */
  getLogged(name: string): LoggedType | undefined {
    const type = this.byName.get(name);
    return type && isLogged(type) ? type : undefined;
  }

  /** The types of a channel's kind that streams carry, in order; none for an unknown kind. */
  of(channel: string): readonly EventType[] {
    return this.byKind.get(channel.slice(0, Math.max(channel.indexOf(':'), 0))) ?? [];
  }

  /** Whether streams carry a type's events; true of an unknown type. */
  readonly isOnStreams = (name: string): boolean => {
    const type = this.byName.get(name);
    return !type || isOnStreams(type);
  };

  /** The kinds of channels. */
  get kinds(): readonly string[] {
    return [...this.byKind.keys()];
  }

  /** How states of a type are merged. Of an unknown type the newest version wins. */
  readonly mergeOf = (name: string): Merge => this.merges.get(name) ?? newest;

  /** Verifies the states of a vector; throws a ZodError. An unknown type's are not verified. */
  parseVector(name: string, vector: Vector): Vector {
    return this.vectors.get(name)?.parse(vector) ?? vector;
  }

  /** Verifies the states of a channel's feeds; throws a ZodError. */
  parseFeeds(feeds: Feeds): Feeds {
    const all = Object.entries(feeds);
    return Object.fromEntries(all.map(([name, vector]) => [name, this.parseVector(name, vector)]));
  }

  /** Returns `kind:ID` if it is valid. Throws `invalid_channel` or `invalid_id`. */
  parseChannel(text: string): string {
    if (this.of(text).length === 0) {
      throw new LikestreamError('invalid_channel', `known kinds: ${this.kinds.join(', ')}`);
    }
    if (!ID_PATTERN.test(text.slice(text.indexOf(':') + 1))) {
      throw new LikestreamError('invalid_id');
    }
    return text;
  }
}

/** Whether a type has a log. */
export function isLogged(type: EventType): type is LoggedType {
  return type.source === undefined || type.source === 'log';
}

/** Whether streams carry a type's events. */
function isOnStreams(type: EventType): boolean {
  return type.source !== 'streams' || type.shownBy === undefined;
}
