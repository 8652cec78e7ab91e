import type { Contributed, Contributions } from '../../adapters/contributions';
import type { Directory } from '../../adapters/directory';
import type { StateCache } from '../../adapters/state-cache';
import {
  bucketOf,
  channelSum,
  DIGEST_BUCKETS,
  Digest,
  reportSum,
  versionSum,
} from '../../schemas/digest';
import type { Report } from '../../schemas/report';
import { levels } from './leased-types';
import { freshChannel, freshId, type Time } from './time';

/** The origin of leased states. */
export const LEASED_ORIGIN = 'dc1.0';

export interface ContributionsFixture {
  readonly directory: Directory;
  readonly contributions: Contributions;
  readonly cache: StateCache;
  readonly time: Time;
  readonly close: () => Promise<void>;
}

/** Renewals that check each bucket once. */
export const TURNS = Array.from({ length: 8 }, (_, turn) => turn);

/** Numbers of reports: each test has greater ones than the last. */
let number = 0;

/** A report of a new channel, or of the given one. */
export function report(of: Partial<Report> & { readonly value?: unknown } = {}): Report {
  number += 1;
  return { channel: freshChannel(), type: levels.name, number, value: 1, seen: 0, ...of };
}

/** The digest of what a worker has: channels with versions of leased feeds, and reports. */
export function digestWith(
  held: readonly (readonly [string, Readonly<Record<string, number>>])[],
  reports: readonly Report[],
): number[] {
  const digest = new Digest();
  for (const [channel, versions] of held) {
    digest.add(bucketOf(channel), channelSum(channel));
    for (const [type, version] of Object.entries(versions)) {
      digest.add(bucketOf(channel), versionSum(channel, type, LEASED_ORIGIN, version));
    }
  }
  for (const one of reports) digest.add(bucketOf(one.channel), reportSum(one));
  return digest.values();
}

export type UseContributions = () => ReturnType<typeof asTests>;

/** A fixture with the calls of the tests. */
export function asTests({ cache, contributions, directory, time }: ContributionsFixture) {
  const put = (channel: string, type: string, version: number, now = 0, most = now) => {
    const vector = { [LEASED_ORIGIN]: { version, state: { now, most } } };
    return time.finish(cache.put(new Map([[channel, { [type]: vector }]])));
  };
  return {
    put,
    contributions,
    worker: () => freshId('worker'),
    report: (id: string, reports: readonly Report[], buckets?: readonly number[], beat = 5) =>
      time.finish(contributions.report(id, beat, reports, buckets)),
    /** As a dispatcher does: it caches a state of each feed that was returned. */
    async publish(all: readonly Contributed[]) {
      for (const { channel, type, version } of all) await put(channel, type, version);
      return all;
    },
    /** Removes in all buckets; returns the changed feeds. */
    async remove(id: string, beat: number, types: readonly string[]) {
      const changed: Contributed[] = [];
      for (let bucket = 0; bucket < DIGEST_BUCKETS; bucket++) {
        for (;;) {
          const some = await time.finish(contributions.remove(id, beat, types, bucket));
          if (some.length === 0) break;
          changed.push(...some);
          for (const { channel, type, version } of some) await put(channel, type, version);
        }
      }
      return changed;
    },
    read: (channel: string, above?: number, type: string = levels.name) =>
      time.finish(contributions.read([{ channel, type, above }])),
    held: (id: string, ...buckets: number[]) => time.finish(contributions.held(id, buckets)),
    join: (id: string, ...channels: string[]) => time.finish(directory.change(id, channels, [])),
    change: (id: string, join: string[], leave: string[], buckets: number[]) =>
      time.finish(directory.change(id, join, leave, buckets)),
    digest: async (id: string, turn = 0) => [...(await time.finish(directory.digest(id, turn)))],
  };
}

/** The values of the only feed of an answer, by contributor. */
export function valuesIn(all: readonly Contributed[]): Record<string, unknown> {
  if (all.length !== 1) throw new Error(`${all.length} feeds instead of one`);
  return Object.fromEntries(all[0]?.values ?? []);
}

/** The version of the only feed of an answer. */
export function versionIn(all: readonly Contributed[]): number {
  if (all.length !== 1 || !all[0]) throw new Error(`${all.length} feeds instead of one`);
  return all[0].version;
}
