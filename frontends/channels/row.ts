import type { Viewer } from '../../adapters/viewer-sockets';
import type { EventType, Seen } from '../../schemas/event-type';
import { isLogged } from '../../schemas/event-types';
import type { Place } from '../../schemas/place';
import type { Audience, AudienceRow, Cohort } from './audience';
import type { SeenState, SentState } from './sent-state';
import { earliest, type Times } from './times';

/** A channel, as the rows of its views refer to it. */
export interface RowChannel {
  readonly name: string;
  readonly key: bigint;
  requestableAt: number;
}

/** A view of a channel, as a row of its audience refers to it. */
export interface RowView {
  readonly channel: RowChannel;
  readonly types: readonly EventType[];
  readonly audience: Audience<Row>;
  readonly sent: SentState | undefined;
}

/** A viewer's stream, as its rows refer to it. */
export interface RowStream {
  readonly viewer: Viewer;
  /** The member who opened it. */
  readonly memberId: string;
  readonly isFull: boolean;
  /** Whether its event ids are those of its only channel. */
  readonly isSingle: boolean;
  /** Marks the connection as full at a time of the monotonic clock, ms. */
  markFull(now: number): void;
  /** The event id with the viewer's place in all its channels, where this row's is `place`. */
  placeId(row: Row, place: Place): string;
  /** Its row in a channel, by the channel's name. */
  row(channel: string): Row | undefined;
}

/** A viewer in one channel. All fields but `index` are written here alone. */
export class Row implements AudienceRow {
  /** Its position in the view's audience, which alone writes it. */
  index = 0;
  private ownState: SeenState | undefined;
  private waitsUntil: number | undefined;
  private unsentSince: Times | undefined;

  constructor(
    readonly session: RowStream,
    readonly view: RowView,
    /** The place of the event id that the viewer came with. */
    place: Place | undefined,
  ) {
    this.ownState = place && seenIn(view.types, place);
  }

  get viewer(): Viewer {
    return this.session.viewer;
  }

  /** What it has seen, while it is in no cohort; undefined before its snapshot. */
  get seen(): SeenState | undefined {
    return this.ownState;
  }

  /** Its place in the channel, in a cohort or not; undefined before its snapshot. */
  get place(): Place | undefined {
    return (this.view.audience.cohortOf(this)?.sent ?? this.ownState)?.place;
  }

  /** When its wait for a state ends, ms of the monotonic clock; undefined if it does not wait. */
  get waitUntil(): number | undefined {
    return this.waitsUntil;
  }

  /** By feed, the time of the oldest entry that it was not sent, ms since the epoch. */
  get missedSince(): Times | undefined {
    return this.unsentSince;
  }

  /** Starts a wait, unless it waits already. */
  startWait(until: number): void {
    this.waitsUntil ??= until;
  }

  endWait(): void {
    this.waitsUntil = undefined;
  }

  /** Sets what it has seen; undefined makes the next event a snapshot. */
  setSeen(seen: SeenState | undefined): void {
    this.ownState = seen;
  }

  /** Notes that entries of these times were not sent; only the oldest time is kept. */
  markMissed(times: Times | undefined): void {
    this.unsentSince = earliest(this.unsentSince, times);
  }

  /** It was sent everything: joins the cohort at its state if the frames of both are equal. */
  joinCohort(): void {
    const { ownState, session, view } = this;
    this.unsentSince = undefined;
    if (!ownState || ownState !== view.sent || !session.isSingle || session.isFull) return;
    view.audience.joinCohort(this, ownState);
    this.ownState = undefined;
  }

  /** Leaves its cohort, and keeps what the cohort has seen and missed. */
  leaveCohort(cohort: Cohort | undefined = this.view.audience.cohortOf(this)): void {
    if (!cohort) return;
    this.view.audience.leaveCohort(this);
    this.ownState = cohort.sent;
    this.markMissed(cohort.missedSince);
  }
}

/**
 * The part of a place that has these types. It may have none of them: feeds that are in no place
 * are sent as news then, and not in a snapshot.
 */
function seenIn(types: readonly EventType[], place: Place): SeenState {
  const own = new Map<string, Seen>();
  for (const type of types) {
    const seen = isLogged(type) ? place.get(type.name) : undefined;
    if (seen) own.set(type.name, seen);
  }
  return { place: own };
}
