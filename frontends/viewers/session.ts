import type { Viewer } from '../../adapters/viewer-sockets';
import { encodeSeveral, encodeSingle, type Place } from '../../schemas/place';
import type { Channel } from '../channels/channel';

/** A viewer in one channel. */
export interface Row {
  readonly session: Session;
  readonly channel: Channel;
  /** What it was last sent, while it is not in step; undefined until its snapshot. */
  seen: Place | undefined;
  /** Its first state has to be there, or the channel to have passed its place, by this time. */
  waitUntil: number | undefined;
  /** The time of the oldest like that it was not sent, ms since the epoch. */
  missedSince: number | undefined;
  /** Where it stands in its channel's audience. */
  index: number;
}

/** A viewer's stream. */
export class Session {
  /** Its channels, in the order in which they were joined. */
  readonly rows: Row[] = [];
  /** Since when its connection is full, ms of the monotonic clock; undefined if it is not. */
  fullSince: number | undefined;

  constructor(
    readonly id: string,
    readonly viewer: Viewer,
    /** Places of channels that it has not joined again, kept in its id until it does. */
    private rememberedPlaces: Map<bigint, Place> | undefined,
    /** When it was opened, ms of the monotonic clock. */
    readonly openedAt: number,
  ) {}

  /** Lets go of places of channels that it does not come back to. */
  forgetRememberedPlaces(): void {
    this.rememberedPlaces = undefined;
  }

  /** Whether its id is the channel's own, which it shares with all who watch that channel alone. */
  get isSingle(): boolean {
    return this.rows.length === 1 && !this.rememberedPlaces?.size;
  }

  /** The place of a channel that is joined now. */
  takePlace(key: bigint): Place | undefined {
    const place = this.rememberedPlaces?.get(key);
    this.rememberedPlaces?.delete(key);
    return place;
  }

  row(channel: string): Row | undefined {
    return this.rows.find((row) => row.channel.name === channel);
  }

  /** The event id that says where the viewer is in all its channels. */
  placeId(): string {
    const [only] = this.rows;
    const place = only?.channel.placeOf(only);
    if (only && place && this.isSingle) return encodeSingle(only.channel.name, place);
    return encodeSeveral(this.places());
  }

  private *places(): Iterable<readonly [bigint, Place]> {
    for (let at = this.rows.length - 1; at >= 0; at--) {
      const row = this.rows[at];
      const place = row?.channel.placeOf(row);
      if (row && place) yield [row.channel.key, place];
    }
    yield* this.rememberedPlaces ?? [];
  }
}
