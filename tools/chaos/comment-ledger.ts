import { z } from 'zod';
import type { StreamClient } from '../../test/end-to-end/stream-client';

/** The most pages behind one link. */
const MAX_PAGES = 10_000;
const MAX_EXAMPLES = 3;

/** The least offset of no comments, and an offset that all have reached. */
const NOTHING = Number.POSITIVE_INFINITY;
const EVERYTHING = -1;

const page = z.object({
  comments: z.array(z.looseObject({ commentId: z.string() })),
  next: z.string().optional(),
});

const comment = z.looseObject({ commentId: z.string(), place: z.string() });
export type Accepted = z.infer<typeof comment>;

const shown = z.looseObject({
  commentId: z.string().optional(),
  comments: z.array(comment).optional(),
  history: z.string().optional(),
});

/** Reads the page of a path. */
export type ReadPage = (path: string) => Promise<unknown>;

/** What one stream was sent of the comments. */
interface Shown {
  readonly ids: ReadonlySet<string>;
  readonly links: readonly string[];
  readonly faults: readonly string[];
  /** The offset of the first comment of its first snapshot, from which it has all. */
  readonly from: number;
}

/** The comments that were accepted, and what viewers were sent of them. */
export class CommentLedger {
  readonly accepted: Accepted[] = [];
  private readonly faults: string[] = [];
  /** By link of a gap, the ids behind it. */
  private readonly behind = new Map<string, readonly string[]>();

  /** Notes the answer to a comment. */
  accept(answer: unknown): void {
    this.accepted.push(comment.parse(answer));
  }

  /** Checks a stream that ends early: it may lack comments, but has none twice. */
  left(stream: Pick<StreamClient, 'events'>): void {
    this.faults.push(...shownTo(stream).faults);
  }

  /**
   * What is wrong at rest: a comment that came twice, or an accepted one that a viewer was sent
   * neither in an event nor behind the link of a gap. Those before its first snapshot do not count.
   */
  async wrong(streams: readonly Pick<StreamClient, 'events'>[], read: ReadPage): Promise<string[]> {
    const wrong = [...this.faults];
    for (const [at, stream] of streams.entries()) {
      const { faults, from, ids, links } = shownTo(stream);
      const all = new Set(ids);
      for (const link of links) for (const id of await this.idsBehind(link, read)) all.add(id);
      const missing = this.accepted.filter(({ commentId, place }) => {
        return offsetIn(place) >= from && !all.has(commentId);
      });
      wrong.push(...faults.map((what) => `viewer ${at}: ${what}`));
      if (missing.length === 0) continue;
      const examples = missing.slice(0, MAX_EXAMPLES).map(({ place }) => place);
      wrong.push(`viewer ${at} lacks ${missing.length} comments: ${examples.join()}`);
    }
    return wrong;
  }

  private async idsBehind(link: string, read: ReadPage): Promise<readonly string[]> {
    const known = this.behind.get(link);
    if (known) return known;
    const ids: string[] = [];
    let next: string | undefined = link;
    for (let pages = 0; next !== undefined && pages < MAX_PAGES; pages++) {
      const found: z.infer<typeof page> = page.parse(await read(next));
      for (const { commentId } of found.comments) ids.push(commentId);
      const isIncomplete = found.next !== undefined && found.comments.length === 0;
      if (isIncomplete) throw new Error(`${next} is not complete yet`);
      next = found.next;
    }
    this.behind.set(link, ids);
    return ids;
  }
}

function shownTo({ events }: Pick<StreamClient, 'events'>): Shown {
  const [ids, sent] = [new Set<string>(), new Set<string>()];
  const [links, faults]: [string[], string[]] = [[], []];
  let from: number | undefined;
  for (const { data, name } of events) {
    const { commentId = '', comments, history } = shown.parse(data);
    if (name === 'snapshot' && comments) {
      from ??= Math.min(...comments.map(({ place }) => offsetIn(place)));
      for (const each of comments) ids.add(each.commentId);
    }
    if (name === 'gap' && history !== undefined) links.push(history);
    if (name !== 'comment') continue;
    if (sent.has(commentId)) faults.push(`${commentId} was sent twice`);
    sent.add(commentId);
    ids.add(commentId);
  }
  const first = from ?? NOTHING;
  return { ids, links, faults, from: first === NOTHING ? EVERYTHING : first };
}

/** The offset in `ORIGIN@OFFSET`. */
function offsetIn(place: string): number {
  return Number(place.slice(place.lastIndexOf('@') + 1));
}
