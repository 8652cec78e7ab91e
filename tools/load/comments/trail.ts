import { createHash } from 'node:crypto';

/** A comment or a deletion, as events and pages have it. */
export interface CommentMessage {
  readonly commentId: string;
  readonly at?: number;
  /** `ORIGIN@OFFSET`; a deletion has none. */
  readonly place?: string;
}

/** Whether this is a comment with a place. */
export function isComment(data: unknown): data is CommentMessage & { readonly place: string } {
  const comment = data as Partial<CommentMessage> | null;
  return typeof comment?.commentId === 'string' && /^[^@]+@\d+$/.test(comment.place ?? '');
}

/** Comments as a number and a sum of their ids, so that two sets can be compared cheaply. */
export class CommentSum {
  count = 0;
  private sum = 0n;

  add(commentId: string): void {
    this.count += 1;
    this.sum ^= hashOf(commentId);
  }

  copy(): CommentSum {
    const copy = new CommentSum();
    [copy.count, copy.sum] = [this.count, this.sum];
    return copy;
  }

  equals(other: CommentSum): boolean {
    return this.count === other.count && this.sum === other.sum;
  }
}

/** What one viewer was sent of a video's comments: each once, in the order of its origin. */
export class CommentTrail {
  readonly sum = new CommentSum();
  /** The links of its gaps. */
  readonly gaps: string[] = [];
  /** The first comments that came twice or out of order. */
  readonly faults: string[] = [];
  private readonly offsets = new Map<string, number>();

  /** A comment of an event; returns false if it is not the next one of its origin. */
  add({ commentId, place }: CommentMessage & { readonly place: string }): boolean {
    const at = place.lastIndexOf('@');
    const [origin, offset] = [place.slice(0, at), Number(place.slice(at + 1))];
    const before = this.offsets.get(origin) ?? -1;
    if (offset <= before) return false;
    this.offsets.set(origin, offset);
    this.sum.add(commentId);
    return true;
  }
}

const hashes = new Map<string, bigint>();

/** All viewers are sent the same comments, so each id is hashed once. */
function hashOf(commentId: string): bigint {
  let hash = hashes.get(commentId);
  if (hash === undefined) {
    hash = createHash('sha256').update(commentId).digest().readBigUInt64BE();
    hashes.set(commentId, hash);
  }
  return hash;
}
