import type { Viewer } from '../../adapters/viewer-sockets';
import type { Member } from '../../runtime/members/member';
import { encodeSeveral, encodeSingle, type Place } from '../../schemas/place';
import type { Row, RowStream } from '../channels/row';

/** The member who opened a stream. */
type SessionMember = Pick<Member, 'address' | 'id' | 'isAnonymous' | 'isNew'>;

/** A viewer's stream. */
export class Session implements RowStream {
  /** The id of the member who opened it. */
  readonly memberId: string;
  /** From where it was opened; undefined if it is unknown. */
  readonly address: string | undefined;
  /** Whether it was opened without a token. */
  readonly isAnonymous: boolean;
  /** Whether the member's id was made for the request: the client may not have kept it. */
  private readonly isMemberNew: boolean;
  private readonly joined: Row[] = [];
  private fullAt: number | undefined;

  constructor(
    readonly id: string,
    readonly viewer: Viewer,
    { address, id: memberId, isAnonymous, isNew = false }: SessionMember,
    /** The names of the event types that it asked for; undefined for all. */
    readonly events: readonly string[] | undefined,
    /** Places of its event ids, by `channelKey`, whose channels it has not joined yet. */
    private rememberedPlaces: Map<bigint, Place> | undefined,
    /** When it was opened, ms of the monotonic clock. */
    readonly openedAt: number,
    /** When it ends with its token, ms of the monotonic clock; undefined if it does not. */
    private tokenEndsAt: number | undefined,
  ) {
    this.memberId = memberId;
    this.address = address;
    this.isAnonymous = isAnonymous;
    this.isMemberNew = isNew;
  }

  get endsAt(): number | undefined {
    return this.tokenEndsAt;
  }

  /** It has a new token. */
  endAt(endsAt: number | undefined): void {
    this.tokenEndsAt = endsAt;
  }

  /**
   * Whether a member may change it: only the one who opened it. Clients that keep no cookie are an
   * other anonymous member each time; one of them is known by the stream's secret id alone.
   */
  mayBeChangedBy({ id, isNew = false }: Pick<Member, 'id' | 'isNew'>): boolean {
    return id === this.memberId || (this.isMemberNew && isNew);
  }

  /** Its channels, in the order in which they were joined. */
  get rows(): readonly Row[] {
    return this.joined;
  }

  /** When its connection became full, ms of the monotonic clock; undefined if it is not full. */
  get fullSince(): number | undefined {
    return this.fullAt;
  }

  get isFull(): boolean {
    return this.fullAt !== undefined;
  }

  get isSingle(): boolean {
    return this.joined.length === 1 && !this.rememberedPlaces?.size;
  }

  markFull(now: number): void {
    this.fullAt = now;
  }

  /** Marks the connection as able to take frames again. */
  markDrained(): void {
    this.fullAt = undefined;
  }

  /** Removes the places of channels that were not joined again. */
  forgetRememberedPlaces(): void {
    this.rememberedPlaces = undefined;
  }

  /** Returns and removes the remembered place of a channel that is joined now. */
  takePlace(key: bigint): Place | undefined {
    const place = this.rememberedPlaces?.get(key);
    this.rememberedPlaces?.delete(key);
    return place;
  }

  row(channel: string): Row | undefined {
    return this.joined.find((row) => row.view.channel.name === channel);
  }

  addRow(row: Row): void {
    this.joined.push(row);
  }

  removeRow(row: Row): void {
    this.joined.splice(this.joined.indexOf(row), 1);
  }

  placeId(of: Row, place: Place): string {
    if (this.isSingle) return encodeSingle(of.view.channel.name, place);
    return encodeSeveral(this.places(of, place));
  }

  private *places(of: Row, ofRow: Place): Iterable<readonly [bigint, Place]> {
    for (let at = this.joined.length - 1; at >= 0; at--) {
      const row = this.joined[at];
      const place = row === of ? ofRow : row?.place;
      if (row && place) yield [row.view.channel.key, place];
    }
    yield* this.rememberedPlaces ?? [];
  }
}
