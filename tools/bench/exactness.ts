import { setTimeout as sleep } from 'node:timers/promises';
import { Api } from '../load/api';
import type { Crowd } from './crowd';
import { VIDEO } from './target';

const SETTLE_MS = 5_000;
const GETS_AT_ONCE = 50;
const MAX_EXAMPLES = 5;

/** Whether the last total of every viewer is that of `GET`. */
export interface Exactness {
  readonly exact: boolean;
  readonly videos: number;
  /** Sum of the videos' totals. */
  readonly total: number;
  /** Descriptions of the first few videos that are not exact. */
  readonly examples: readonly string[];
}

/** Waits until all are equal, or for the time that the promise allows, then compares. */
export async function exactness(
  crowd: Crowd,
  url: string,
  videos: number,
  { name = videoName, token }: { name?: (video: number) => string; token?: string } = {},
): Promise<Exactness> {
  await sleep(SETTLE_MS);
  const told = await crowd.totals();
  const api = new Api(new URL(url), token);
  const totals: number[] = [];
  try {
    for (let from = 0; from < videos; from += GETS_AT_ONCE) {
      const count = Math.min(GETS_AT_ONCE, videos - from);
      const asked = Array.from({ length: count }, (_, at) => api.total(name(from + at)));
      totals.push(...(await Promise.all(asked)));
    }
  } finally {
    await api.close();
  }
  const wrong = totals.flatMap((total, video) => {
    const [least, most] = told[video] ?? [total, total];
    return least === total && most === total
      ? []
      : [`${name(video)}: GET has ${total}, viewers have ${least} to ${most}`];
  });
  return {
    exact: wrong.length === 0,
    videos,
    total: totals.reduce((sum, total) => sum + total, 0),
    examples: wrong.slice(0, MAX_EXAMPLES),
  };
}

function videoName(video: number): string {
  return VIDEO.replace('@V@', String(video));
}
