import type { Api } from '../api';
import { pause } from '../pause';
import { commentsFrom, firstPage } from './pages';
import { CommentSum, type CommentTrail } from './trail';

const LOOK_EVERY_MS = 200;
const MAX_SETTLE_MS = 30_000;
const MAX_OFFENDERS = 10;

/** A viewer and what it was sent. */
export interface TrailOf {
  readonly number: number;
  readonly video: string;
  readonly trail: CommentTrail;
}

/** Whether each viewer has every comment once, or a gap whose link has the missing ones. */
export interface CommentVerdict {
  readonly complete: boolean;
  readonly completeViewers: number;
  readonly comments: number;
  readonly gaps: number;
  readonly offenders: readonly string[];
}

/** Compares all viewers with the pages of the history, for as long as they settle. */
export async function judgeComments(
  viewers: readonly TrailOf[],
  taken: ReadonlyMap<string, readonly string[]>,
  api: Api,
): Promise<CommentVerdict> {
  const until = performance.now() + MAX_SETTLE_MS;
  for (;;) {
    const verdict = await judgeNow(viewers, taken, api);
    if (verdict.complete || performance.now() > until) return verdict;
    await pause(LOOK_EVERY_MS);
  }
}

async function judgeNow(
  viewers: readonly TrailOf[],
  taken: ReadonlyMap<string, readonly string[]>,
  api: Api,
): Promise<CommentVerdict> {
  const offenders: string[] = [];
  const histories = new Map<string, CommentSum>();
  for (const [video, ids] of taken) {
    const history = await commentsFrom(api, firstPage(video));
    const sum = new CommentSum();
    for (const id of history) sum.add(id);
    histories.set(video, sum);
    const known = new Set(history);
    const lost = ids.filter((id) => !known.has(id)).length;
    if (lost > 0) offenders.push(`video ${video}: ${lost} accepted comments are in no page`);
    if (known.size < history.length) offenders.push(`video ${video}: pages repeat comments`);
  }
  const links = new Map<string, readonly string[]>();
  let [complete, gaps] = [0, 0];
  for (const { number, trail, video } of viewers) {
    gaps += trail.gaps.length;
    const whole = await withGaps(trail, links, api);
    const right = histories.get(video);
    if (right && whole.equals(right) && trail.faults.length === 0) complete += 1;
    else offenders.push(`viewer ${number}: ${whole.count} of ${right?.count}, ${trail.faults[0]}`);
  }
  return {
    complete: offenders.length === 0,
    completeViewers: complete,
    comments: [...histories.values()].reduce((all, { count }) => all + count, 0),
    gaps,
    offenders: offenders.slice(0, MAX_OFFENDERS),
  };
}

/** What a viewer has with the comments behind its gaps; each link is read once. */
async function withGaps(
  trail: CommentTrail,
  links: Map<string, readonly string[]>,
  api: Api,
): Promise<CommentSum> {
  const whole = trail.sum.copy();
  for (const link of trail.gaps) {
    const ids = links.get(link) ?? (await commentsFrom(api, link));
    links.set(link, ids);
    for (const id of ids) whole.add(id);
  }
  return whole;
}
