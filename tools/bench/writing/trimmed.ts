import { setTimeout as sleep } from 'node:timers/promises';
import { CLIENT_CORE, SERVER_CORE } from '../cores';
import { Crowd } from '../crowd';
import { Server } from '../server';
import { likestream } from '../servers/likestream';
import type { Measuring } from './asked';
import { dataBytes } from './data';
import type { Line } from './line';
import { quiet } from './posts';

/** A short window, so that the log may be trimmed some seconds after its likes. */
const WINDOW_MS = 4_000;
const ALL = 1_000_000_000;
/** So many that what an empty folder takes does not matter. */
const LIKES = 200_000;
const MAX_POSTING_MS = 120_000;
const POLL_MS = 200;
/** Checkpoints trim the log, and need records for that. */
const TRICKLE_A_SECOND = 50;
const CHECK_MS = 4_000;
const MAX_CHECKS = 15;
/** The folder has not shrunk in so many checks: the trim is over. */
const ENOUGH_CHECKS = 3;

/** What a like takes on the disk once the log has no record that the window needs no more. */
export async function trimmed({ asked, crew, progress }: Measuring): Promise<Line[]> {
  const kind = likestream({ env: { DEDUPE_WINDOW_MS: String(WINDOW_MS) } });
  const server = await Server.start(crew, kind, SERVER_CORE);
  const { target } = server;
  const crowd = new Crowd(crew, { target, viewers: 0, videos: asked.videos, core: CLIENT_CORE });
  try {
    progress.now(`trimmed: posting ${LIKES} likes`);
    crowd.saturate(ALL);
    const giveUpAt = performance.now() + MAX_POSTING_MS;
    while (crowd.latest('posted') < LIKES && performance.now() < giveUpAt) await sleep(POLL_MS);
    crowd.rate(TRICKLE_A_SECOND);
    await quiet(server);
    await shrunk(() => dataBytes(server));
    const { posted } = await crowd.read();
    const note = `DEDUPE_WINDOW_MS=${WINDOW_MS}, then ${TRICKLE_A_SECOND} likes/s until it stopped`;
    const values = [dataBytes(server) / posted];
    const about = { row: 'trimmed', what: 'on disk, log trimmed', unit: 'bytes a like' };
    return [{ ...about, values, beside: [], aim: { most: 150 }, note }];
  } finally {
    await crowd.end();
    await server.end();
  }
}

async function shrunk(bytes: () => number): Promise<void> {
  let least = bytes();
  let same = 0;
  for (let check = 0; check < MAX_CHECKS && same < ENOUGH_CHECKS; check++) {
    await sleep(CHECK_MS);
    const now = bytes();
    same = now < least ? 0 : same + 1;
    least = Math.min(least, now);
  }
}
