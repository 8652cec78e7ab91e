import type { Api, Counts } from './api';
import type { Ledger } from './ledger';
import { areSameReactions, type Reactions, sumOfReactions } from './messages';
import { pause } from './pause';
import { UNKNOWN, type Viewer } from './viewer';

const SETTLE_MS = 5000;
const GRACE_MS = 1000;
const MAX_SETTLE_MS = 60_000;
const LOOK_EVERY_MS = 100;
const MAX_GETS_AT_ONCE = 50;
const MAX_OFFENDERS = 10;

/** Whether all viewers and `GET` have the right totals, and which have not. */
export interface Verdict {
  readonly exact: boolean;
  readonly exactViewers: number;
  readonly viewers: number;
  /** The sum of the videos' totals from `GET`. */
  readonly total: number;
  /** The count of each reaction. */
  readonly reactions: Reactions;
  /** The time from the last answer to a POST until all were equal, ms. */
  readonly settledMs: number;
  /** Descriptions of the videos with a wrong total, then of the viewers with the worst ones. */
  readonly offenders: readonly string[];
}

/** The options of a check. */
export interface Claim {
  readonly ledgers: readonly Ledger[];
  readonly viewers: readonly Viewer[];
  /** Whether other clients may post, too: then only viewers and `GET` are compared. */
  readonly watchingOnly: boolean;
}

/** Waits until all totals are equal, or for the time that the promise allows. */
export async function settle(claim: Claim, api: Api): Promise<Verdict> {
  const begun = Date.now();
  for (;;) {
    const { counts, error } = await countsOf(claim.ledgers, api);
    const verdict = judge(claim, counts, error, Date.now() - begun);
    if (verdict.exact || Date.now() > deadline(claim.viewers, begun)) {
      return verdict;
    }
    await pause(LOOK_EVERY_MS);
  }
}

// For a viewer that reconnected after the last like, the 5 s begin at its reconnect.
function deadline(viewers: readonly Viewer[], begun: number): number {
  let last = begun;
  for (const viewer of viewers) {
    if (viewer.connected) {
      last = Math.max(last, viewer.connectedAt);
    } else if (viewer.gaveUp === undefined) {
      last = Date.now();
    }
  }
  return Math.min(last, begun + MAX_SETTLE_MS) + SETTLE_MS + GRACE_MS;
}

type CountsByVideo = ReadonlyMap<string, Counts>;

interface Answers {
  readonly counts: CountsByVideo;
  readonly error: string | undefined;
}

async function countsOf(ledgers: readonly Ledger[], api: Api): Promise<Answers> {
  const counts = new Map<string, Counts>();
  let error: string | undefined;
  for (let from = 0; from < ledgers.length; from += MAX_GETS_AT_ONCE) {
    const part = ledgers.slice(from, from + MAX_GETS_AT_ONCE);
    const answers = await Promise.allSettled(part.map(({ video }) => api.counts(video)));
    answers.forEach((answer, index) => {
      if (answer.status === 'fulfilled') {
        counts.set(part[index]?.video ?? '', answer.value);
      } else {
        error ??= String(answer.reason);
      }
    });
  }
  return { counts, error };
}

/** Compares every ledger and every viewer with the counts of `GET`. */
export function judge(
  claim: Claim,
  counts: CountsByVideo,
  error: string | undefined,
  settledMs: number,
): Verdict {
  const wrongVideos = claim.watchingOnly ? [] : claim.ledgers.flatMap((it) => wrongIn(it, counts));
  const wrongViewers = claim.viewers.filter((viewer) => !isExact(viewer, counts));
  const all = [...counts.values()];
  return {
    exact: wrongVideos.length + wrongViewers.length === 0 && error === undefined,
    exactViewers: claim.viewers.length - wrongViewers.length,
    viewers: claim.viewers.length,
    total: all.reduce((sum, { total }) => sum + total, 0),
    reactions: sumOfReactions(all.map(({ reactions }) => reactions)),
    settledMs,
    offenders: [
      ...(error === undefined ? [] : [error]),
      ...wrongVideos.slice(0, MAX_OFFENDERS),
      ...worst(wrongViewers, counts),
    ],
  };
}

function isExact({ reactions, total, video }: Viewer, counts: CountsByVideo): boolean {
  const right = counts.get(video);
  return (
    right !== undefined && total === right.total && areSameReactions(reactions, right.reactions)
  );
}

function wrongIn(ledger: Ledger, counts: CountsByVideo): string[] {
  const total = counts.get(ledger.video)?.total;
  const least = ledger.atStart + ledger.taken;
  if (total === undefined || (total >= least && total <= least + ledger.unknown)) {
    return [];
  }
  const most = ledger.unknown === 0 ? '' : ` (to ${least + ledger.unknown})`;
  return [
    `video ${ledger.video}: GET has ${total}; ${ledger.atStart} at the start + ` +
      `${ledger.taken} answered 2xx = ${least}${most}`,
  ];
}

function worst(viewers: readonly Viewer[], counts: CountsByVideo): string[] {
  const off = (viewer: Viewer): number =>
    viewer.total === UNKNOWN
      ? Number.MAX_SAFE_INTEGER
      : Math.abs(viewer.total - (counts.get(viewer.video)?.total ?? 0));
  return [...viewers]
    .sort((a, b) => off(b) - off(a))
    .slice(0, MAX_OFFENDERS)
    .map((viewer) => {
      const right = counts.get(viewer.video);
      const expected = right === undefined ? '' : `; GET has ${inWords(right)}`;
      return `viewer ${viewer.number} of ${viewer.video}: ${stateOf(viewer)}${expected}`;
    });
}

function stateOf(viewer: Viewer): string {
  const seen = viewer.total === UNKNOWN ? 'never had a total' : `has ${inWords(viewer)}`;
  if (viewer.gaveUp !== undefined) {
    return `${seen}, gave up: ${viewer.gaveUp}`;
  }
  return viewer.connected ? seen : `${seen}, not connected`;
}

function inWords({ reactions, total }: Counts): string {
  return `${total} ${JSON.stringify(reactions)}`;
}
