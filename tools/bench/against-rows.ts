import type { Crowd } from './crowd';
import type { Window } from './measure';
import type { Kind } from './server';
import { frontendOf } from './servers/frontend';
import { likestream } from './servers/likestream';

const US_PER_SECOND = 1_000_000;
const FRAME_RATE = 10;
/** The backlog of likes that each video keeps in saturated rows. */
const UNDER_WAY = 1;
const BATCH_LIKES = 50;
const SECOND_MS = 1_000;
const HOUR_MS = 3_600 * SECOND_MS;
/** A rate that no server reaches: each connection posts again as soon as it has its answer. */
const NO_PAUSE_RATE = 1_000_000;

/** A figure that is read from each window of a row. */
export interface Figure {
  readonly unit: string;
  readonly isLessBetter: boolean;
  of(window: Window): number;
}

/** One kind of load, applied to a server of each checkout. */
export interface Row {
  readonly name: string;
  readonly title: string;
  readonly isOnRequest?: boolean;
  /** Whether the row has viewers; rows without viewers only post. */
  readonly isWatched: boolean;
  readonly figures: readonly Figure[];
  kindOf(checkout: string): Kind;
  load(crowd: Crowd): void;
}

const CPU_A_FRAME: Figure = {
  unit: 'CPU µs a frame',
  isLessBetter: true,
  of: ({ cpuUsAFrame }) => cpuUsAFrame,
};

const CPU_A_LIKE: Figure = {
  unit: 'CPU µs a like',
  isLessBetter: true,
  of: ({ cores, posted, seconds }) => (cores * seconds * US_PER_SECOND) / posted,
};

const FRAMES_A_SECOND: Figure = {
  unit: 'frames/s',
  isLessBetter: false,
  of: ({ framesPerSecond }) => framesPerSecond,
};

const FRAMES_A_CORE_SECOND: Figure = {
  unit: 'frames a core-second',
  isLessBetter: false,
  of: ({ cores, framesPerSecond }) => framesPerSecond / cores,
};

const AT_FRAME_RATE = {
  isWatched: true,
  figures: [CPU_A_FRAME],
  load: (crowd: Crowd) => crowd.rate(FRAME_RATE),
};

const SATURATED = {
  isWatched: true,
  isOnRequest: true,
  figures: [FRAMES_A_SECOND, FRAMES_A_CORE_SECOND],
  load: (crowd: Crowd) => crowd.saturate(UNDER_WAY),
};

const WRITING = {
  isWatched: false,
  figures: [CPU_A_LIKE],
  load: (crowd: Crowd) => crowd.rate(NO_PAUSE_RATE),
};

/** These ids use the owner's code for ids of the future. */
const SOME_AHEAD = {
  firstAheadMs: 23 * HOUR_MS,
  each: { nth: 100, aheadMs: 40 * SECOND_MS },
};

/** The rows by which two checkouts are compared. */
export const ROWS: readonly Row[] = [
  {
    ...AT_FRAME_RATE,
    name: 'embedded',
    title: `embedded, ${FRAME_RATE} likes/s`,
    kindOf: (checkout) => likestream({ checkout }),
  },
  {
    ...AT_FRAME_RATE,
    name: 'frontend',
    title: `frontend alone, ${FRAME_RATE} updates/s`,
    kindOf: frontendOf,
  },
  {
    ...WRITING,
    name: 'likes',
    title: 'single likes, ids from the server',
    kindOf: (checkout) => likestream({ checkout }),
  },
  {
    ...WRITING,
    name: 'ids',
    title: 'single likes, UUIDv7 ids, 1 % are 40 s ahead and one 23 h',
    kindOf: (checkout) => likestream({ checkout, ids: SOME_AHEAD }),
  },
  {
    ...WRITING,
    name: 'batches',
    title: `${BATCH_LIKES} likes a post, ids from the server`,
    kindOf: (checkout) => likestream({ checkout, batch: BATCH_LIKES }),
  },
  {
    ...SATURATED,
    name: 'saturated',
    title: 'embedded, saturated',
    kindOf: (checkout) => likestream({ checkout }),
  },
  {
    ...SATURATED,
    name: 'saturated-frontend',
    title: 'frontend alone, saturated',
    kindOf: frontendOf,
  },
];
