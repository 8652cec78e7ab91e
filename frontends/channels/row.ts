import type { Viewer } from '../../adapters/viewer-sockets';
import type { Place } from '../../schemas/place';
import type { Audience, AudienceRow, Cohort } from './audience';
import type { SeenState, SentState } from './sent-state';

/** A channel, as a row of its audience refers to it. */
export interface RowChannel {
  readonly name: string;
  readonly key: bigint;
  readonly audience: Audience<Row>;
  readonly sent: SentState | undefined;
  readonly oldestSentAt: number;
  requestableAt: number;
}

/** A viewer's stream, as its rows refer to it. */
export interface RowStream {
  readonly viewer: Viewer;
  readonly isFull: boolean;
  /** Whether its event ids are those of its only channel. */
  readonly isSingle: boolean;
  /** Marks the connection as full at a time of the monotonic clock, ms. */
  markFull(now: number): void;
  /** The event id with the viewer's place in all its channels. */
  placeId(): string;
}

/** A viewer in one channel. All fields but `index` are written here alone. */
export class Row implements AudienceRow {
  /** Its position in the channel's audience, which alone writes it. */
  index = 0;
  private ownState: SeenState | undefined;
  private waitsUntil: number | undefined;
  private unsentSince: number | undefined;

  constructor(
    readonly session: RowStream,
    readonly channel: RowChannel,
    /** The place of the event id that the viewer came with. */
    place: Place | undefined,
  ) {
    this.ownState = place && { place };
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
    return (this.channel.audience.cohortOf(this)?.sent ?? this.ownState)?.place;
  }

  /** When its wait for a state ends, ms of the monotonic clock; undefined if it does not wait. */
  get waitUntil(): number | undefined {
    return this.waitsUntil;
  }

  /** The time of the oldest like that it was not sent, ms since the epoch. */
  get missedSince(): number | undefined {
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

  /** Notes that a like of that time was not sent; only the oldest time is kept. */
  markMissed(t: number): void {
    this.unsentSince ??= t;
  }

  /** It was sent everything: joins the cohort at its state if the frames of both are equal. */
  joinCohort(): void {
    const { channel, ownState, session } = this;
    this.unsentSince = undefined;
    if (!ownState || !session.isSingle || session.isFull) return;
    channel.audience.joinCohort(this, ownState);
    this.ownState = undefined;
  }

  /** Leaves its cohort, and keeps what the cohort has seen and missed. */
  leaveCohort(cohort: Cohort | undefined = this.channel.audience.cohortOf(this)): void {
    if (!cohort) return;
    this.channel.audience.leaveCohort(this);
    this.ownState = cohort.sent;
    if (cohort.missedSince < Number.POSITIVE_INFINITY) this.markMissed(cohort.missedSince);
  }
}
