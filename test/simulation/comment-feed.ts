import type { CommentPlace } from './comment-place';

/** By origin, an offset of its log. */
export type Versions = ReadonlyMap<string, number>;

/** A comment that a viewer was sent twice, as copies of two logs, and without a gap between. */
export interface Repetition {
  readonly id: string;
  readonly first: CommentPlace;
  /** The end of the log of the first copy when the second one was sent. */
  readonly end: number;
}

/** An entry of a page, as a client reads it. */
export interface WalkedComment {
  readonly id: string;
  /** Undefined if it is shown as deleted. */
  readonly place: CommentPlace | undefined;
}

export interface CommentFeedOptions {
  /** What the snapshot has; comments before are on pages. */
  readonly start: Versions;
  /** The comments of the snapshot. */
  readonly shown: readonly (readonly [string, CommentPlace])[];
  /** The present end of an origin's log in the partition of the channel. */
  readonly endOf: (origin: string) => number;
  readonly violation: (what: string) => void;
}

/** What a viewer was sent of the comments of one channel, since its last snapshot. */
export class CommentFeed {
  /** The comments of the snapshot, and those of later events. */
  readonly sent = new Map<string, CommentPlace>();
  /** The comments behind the links of gaps. */
  readonly found = new Map<string, CommentPlace>();
  /**
   * Comments behind such links of which another copy counts, after the end of the link. The stream
   * may send that one, too: clients drop ids that they have.
   */
  readonly foundCopies = new Set<string>();
  /** Comments whose deletion it was sent, and which it was not sent again. */
  readonly deleted = new Set<string>();
  readonly repetitions: Repetition[] = [];
  /** Links of gaps whose pages it has not read to their end. */
  openWalks = 0;
  private reached: Versions;
  /** By origin, the end of the last gap: the ring behind it may begin there. */
  private readonly gapEnds = new Map<string, number>();

  constructor(private readonly options: CommentFeedOptions) {
    const { shown, start, violation } = options;
    this.reached = start;
    for (const [id, place] of shown) this.sent.set(id, place);
    if (this.sent.size < shown.length) violation('a snapshot has a comment twice');
  }

  get start(): Versions {
    return this.options.start;
  }

  get seen(): Versions {
    return this.reached;
  }

  /** Whether the viewer was sent a comment, or has found it behind a link. */
  has(id: string): boolean {
    return this.sent.has(id) || this.found.has(id) || this.foundCopies.has(id);
  }

  /** Whether the viewer's list has a comment. */
  shows(id: string): boolean {
    return this.has(id) && !this.deleted.has(id);
  }

  /** Notes what the viewer has seen once it has read an event. */
  reach(versions: Versions): void {
    for (const [origin, offset] of this.seen) {
      const next = versions.get(origin) ?? -1;
      if (next < offset)
        this.options.violation(`the place of ${origin} goes back: ${offset}, ${next}`);
    }
    this.reached = versions;
  }

  /** Notes the event of a comment. */
  add(id: string, place: CommentPlace): void {
    const { offset, origin } = place;
    const before = this.seen.get(origin) ?? -1;
    if (offset <= before) this.options.violation(`${origin}@${offset} comes after ${before}`);
    const first = this.sent.get(id) ?? this.found.get(id);
    if (first?.origin === origin)
      this.options.violation(`${id} at ${origin}@${offset} was sent again`);
    else if (first && first.offset > (this.gapEnds.get(first.origin) ?? -1)) {
      this.repetitions.push({ id, first, end: this.options.endOf(first.origin) });
    }
    this.deleted.delete(id);
    this.sent.set(id, place);
  }

  delete(id: string): void {
    this.deleted.add(id);
  }

  /** Notes a gap, from what the viewer had seen up to its end. */
  noteGap(after: Versions, upTo: Versions): void {
    for (const [origin, offset] of upTo) {
      if (offset > (after.get(origin) ?? -1)) this.gapEnds.set(origin, offset);
    }
  }

  /** Notes what is behind the link of a gap that ends at `upTo`. */
  addFound(comments: readonly WalkedComment[], upTo: Versions): void {
    for (const { id, place } of comments) {
      if (!place) this.deleted.add(id);
      else if (place.offset > (upTo.get(place.origin) ?? -1)) this.foundCopies.add(id);
      else {
        const { origin } = place;
        // Of another origin it is a copy that the page's replica did not know to be one.
        const isSame = [this.sent, this.found].some((of) => of.get(id)?.origin === origin);
        if (isSame) this.options.violation(`the link of a gap has ${id}, which was not left out`);
        this.found.set(id, place);
      }
    }
  }
}
