import type { Api } from './api';
import type { Ledger } from './ledger';
import { pause } from './pause';
import { UNKNOWN, type Viewer } from './viewer';

const SETTLE_MS = 5000;
const GRACE_MS = 1000;
const MAX_SETTLE_MS = 60_000;
const LOOK_EVERY_MS = 100;
const MAX_GETS_AT_ONCE = 50;
const MAX_OFFENDERS = 10;

/** Whether everybody has the same, right total; and who has not. */
export interface Verdict {
  readonly exact: boolean;
  readonly exactViewers: number;
  readonly viewers: number;
  /** Sum of the videos' totals as `GET` tells them. */
  readonly total: number;
  /** How long it took from the last answer to a POST, ms. */
  readonly settledMs: number;
  /** Videos whose total is not what was posted, in words; then the viewers that are furthest off. */
  readonly offenders: readonly string[];
}

/** What the totals are held against. */
export interface Claim {
  readonly ledgers: readonly Ledger[];
  readonly viewers: readonly Viewer[];
  /** Set when others may be posting, too: then only viewers and `GET` are compared. */
  readonly watchingOnly: boolean;
}

/** Waits until all totals agree, or as long as the contract allows, and says how it stands. */
export async function settle(claim: Claim, api: Api): Promise<Verdict> {
  const begun = Date.now();
  for (;;) {
    const { totals, error } = await totalsOf(claim.ledgers, api);
    const verdict = judge(claim, totals, error, Date.now() - begun);
    if (verdict.exact || Date.now() > deadline(claim.viewers, begun)) {
      return verdict;
    }
    await pause(LOOK_EVERY_MS);
  }
}

// A viewer that came back after the last like has its 5 s from then on.
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

interface Totals {
  readonly totals: ReadonlyMap<string, number>;
  readonly error: string | undefined;
}

async function totalsOf(ledgers: readonly Ledger[], api: Api): Promise<Totals> {
  const totals = new Map<string, number>();
  let error: string | undefined;
  for (let from = 0; from < ledgers.length; from += MAX_GETS_AT_ONCE) {
    const part = ledgers.slice(from, from + MAX_GETS_AT_ONCE);
    const answers = await Promise.allSettled(part.map(({ video }) => api.total(video)));
    answers.forEach((answer, index) => {
      if (answer.status === 'fulfilled') {
        totals.set(part[index]?.video ?? '', answer.value);
      } else {
        error ??= String(answer.reason);
      }
    });
  }
  return { totals, error };
}

function judge(
  claim: Claim,
  totals: ReadonlyMap<string, number>,
  error: string | undefined,
  settledMs: number,
): Verdict {
  const wrongVideos = claim.watchingOnly ? [] : claim.ledgers.flatMap((it) => wrongIn(it, totals));
  const wrongViewers = claim.viewers.filter((viewer) => viewer.total !== totals.get(viewer.video));
  return {
    exact: wrongVideos.length + wrongViewers.length === 0 && error === undefined,
    exactViewers: claim.viewers.length - wrongViewers.length,
    viewers: claim.viewers.length,
    total: [...totals.values()].reduce((sum, total) => sum + total, 0),
    settledMs,
    offenders: [
      ...(error === undefined ? [] : [error]),
      ...wrongVideos.slice(0, MAX_OFFENDERS),
      ...worst(wrongViewers, totals),
    ],
  };
}

function wrongIn(ledger: Ledger, totals: ReadonlyMap<string, number>): string[] {
  const total = totals.get(ledger.video);
  const least = ledger.atStart + ledger.taken;
  if (total === undefined || (total >= least && total <= least + ledger.unknown)) {
    return [];
  }
  const most = ledger.unknown === 0 ? '' : ` (to ${least + ledger.unknown})`;
  return [
    `video ${ledger.video}: GET says ${total}; ${ledger.atStart} at the start + ` +
      `${ledger.taken} answered 2xx = ${least}${most}`,
  ];
}

function worst(viewers: readonly Viewer[], totals: ReadonlyMap<string, number>): string[] {
  const off = (viewer: Viewer): number =>
    viewer.total === UNKNOWN
      ? Number.MAX_SAFE_INTEGER
      : Math.abs(viewer.total - (totals.get(viewer.video) ?? 0));
  return [...viewers]
    .sort((a, b) => off(b) - off(a))
    .slice(0, MAX_OFFENDERS)
    .map((viewer) => `viewer ${viewer.number} of ${viewer.video}: ${stateOf(viewer)}`);
}

function stateOf(viewer: Viewer): string {
  const told = viewer.total === UNKNOWN ? 'was never told a total' : `has ${viewer.total}`;
  if (viewer.gaveUp !== undefined) {
    return `${told}, gave up: ${viewer.gaveUp}`;
  }
  return viewer.connected ? told : `${told}, not connected`;
}
