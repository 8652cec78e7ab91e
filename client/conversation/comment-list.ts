import type { Comment } from '../types';

/** The deletions that are remembered, for comments that come after their deletion. */
const MOST_DELETED = 1000;

export interface ShownComment extends Comment {
  /** Whether it is an own comment that is not stored yet. */
  readonly isPending: boolean;
  readonly isOwn: boolean;
}

/** Stands for comments that the history has and the list has not. */
export class Gap {
  /** @param history the path of these comments */
  constructor(readonly history: string) {}
}

type Item = ShownComment | Gap;

const isComment = (item: Item): item is ShownComment => !(item instanceof Gap);

/** Whether a place is behind another one in the same log. */
function isBehind(one: string, other: string): boolean {
  const [origin, offset] = one.split('@');
  const [otherOrigin, otherOffset] = other.split('@');
  return origin === otherOrigin && Number(offset) > Number(otherOffset);
}

/** Comments in order, the oldest first, each id once; own ones that are pending come last. */
export class CommentList {
  #items: Item[] = [];
  readonly #deleted = new Set<string>();
  #self: string | undefined;

  /** @param most how many comments are kept */
  constructor(private most: number) {}

  get comments(): readonly ShownComment[] {
    return this.#items.filter(isComment);
  }

  /** How many own comments are not stored yet. */
  get pending(): number {
    return this.comments.filter(({ isPending }) => isPending).length;
  }

  /** Adds a comment, or an own one that is not stored yet; or confirms that one is stored. */
  add(comment: Comment, isPending = false): void {
    const known = this.comments.find(({ commentId }) => commentId === comment.commentId);
    const [shown] = known && !known.isPending ? [] : this.#shown([comment], isPending);
    if (shown === undefined) return;
    this.#drop([shown]);
    const at = isPending ? this.#items.length : this.#placeOf(comment.place);
    this.#items.splice(at, 0, shown);
    this.#trim();
  }

  /** Keeps a place for comments of the history. */
  addGap(gap: Gap): void {
    this.#items.splice(this.#placeOf(), 0, gap);
  }

  /**
   * Puts comments into their gap, the oldest first.
   * @param isComplete if not, comments before them are missing, so all earlier ones are dropped
   */
  fill(gap: Gap, comments: readonly Comment[], isComplete: boolean): void {
    if (!this.#items.includes(gap)) return;
    const fresh = this.#shown(comments);
    this.#drop(fresh);
    const at = this.#items.indexOf(gap);
    const before = isComplete ? this.#items.slice(0, at) : [];
    this.#items = [...before, ...fresh, ...this.#items.slice(at + 1)];
    this.#trim();
  }

  /** The oldest comment that is stored. */
  get oldest(): string | undefined {
    return this.comments.find(({ isPending }) => !isPending)?.commentId;
  }

  /** Keeps so many more comments than there are. */
  makeRoom(count: number): void {
    this.most = Math.max(this.most, this.comments.length + count);
  }

  /** Puts older comments before the others. */
  addOlder(comments: readonly Comment[]): void {
    const known = new Set(this.comments.map(({ commentId }) => commentId));
    this.#items.unshift(...this.#shown(comments.filter(({ commentId }) => !known.has(commentId))));
    this.makeRoom(0);
  }

  /** Replaces all comments except own ones that are not stored yet. */
  reset(comments: readonly Comment[]): void {
    this.#items = this.comments.filter(({ isPending }) => isPending);
    for (const comment of comments) this.add(comment);
  }

  /** Removes a comment for good, also if it comes later. */
  delete(commentId: string): void {
    this.#items = this.#items.filter((item) => !isComment(item) || item.commentId !== commentId);
    this.#deleted.add(commentId);
    for (const oldest of this.#deleted) {
      if (this.#deleted.size > MOST_DELETED) this.#deleted.delete(oldest);
    }
  }

  /** Removes an own comment that was not accepted. */
  refuse(id: string): void {
    this.#items = this.#items.filter(
      (item) => !isComment(item) || item.commentId !== id || !item.isPending,
    );
  }

  /** Says which member's comments are own. */
  setSelf(memberId: string | undefined): void {
    if (memberId === undefined || memberId === this.#self) return;
    this.#self = memberId;
    this.#items = this.#items.map((item) =>
      isComment(item) && !item.isOwn ? { ...item, isOwn: item.memberId === memberId } : item,
    );
  }

  #shown(comments: readonly Comment[], isPending = false): ShownComment[] {
    return comments
      .filter(({ commentId }) => !this.#deleted.has(commentId))
      .map((each) => ({ ...each, isPending, isOwn: isPending || each.memberId === this.#self }));
  }

  #drop(comments: readonly Comment[]): void {
    const ids = new Set(comments.map(({ commentId }) => commentId));
    this.#items = this.#items.filter((item) => !isComment(item) || !ids.has(item.commentId));
  }

  /** Behind all but pending comments, and those that are behind this place in the same log. */
  #placeOf(place = ''): number {
    let at = this.#items.length;
    for (; at > 0; at--) {
      const item = this.#items[at - 1];
      if (item === undefined || !isComment(item)) break;
      if (!item.isPending && !isBehind(item.place, place)) break;
    }
    return at;
  }

  #trim(): void {
    const surplus = this.comments.length - this.most;
    for (let left = surplus; left > 0; ) if (!(this.#items.shift() instanceof Gap)) left--;
  }
}
