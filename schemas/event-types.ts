import { z } from 'zod';
import { LikestreamError } from './errors';
import type { EventType } from './event-type';
import { ID_PATTERN } from './ids';
import { type Feeds, type Merge, newest, type Vector, versioned } from './state';

/** The event types of a process, by name; built once at the start, and passed to each role. */
export class EventTypes {
  private readonly byName: ReadonlyMap<string, EventType>;
  private readonly byKind = new Map<string, EventType[]>();
  private readonly merges = new Map<string, Merge>();
  private readonly vectors = new Map<string, z.ZodType<Vector>>();

  /** Throws an Error if two types have one name. */
  constructor(readonly all: readonly EventType[]) {
    this.byName = new Map(all.map((type) => [type.name, type]));
    if (this.byName.size < all.length) throw new Error('two event types have the same name');
    for (const type of all) {
      const { channelKind, name, policy } = type;
      this.byKind.set(channelKind, [...(this.byKind.get(channelKind) ?? []), type]);
      this.merges.set(name, (one, other) => policy.merge(one, other));
      this.vectors.set(name, z.record(z.string(), versioned.extend({ state: policy.state })));
    }
  }

  get(name: string): EventType | undefined {
    return this.byName.get(name);
  }

  /** The types of a channel's kind, in order; none for an unknown kind. */
  of(channel: string): readonly EventType[] {
    return this.byKind.get(channel.slice(0, Math.max(channel.indexOf(':'), 0))) ?? [];
  }

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
