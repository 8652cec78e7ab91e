import fc from 'fast-check';
import '../fixtures/same-runs';
import { bucketOf } from '../../schemas/digest';
import type { Report } from '../../schemas/report';
import { digestWith, report, type UseContributions } from './contributions-support';
import { levels } from './leased-types';
import { freshChannel } from './time';

const CHANNELS = 3;
const WORKERS = 2;

const step = fc.record({
  does: fc.constantFrom('report', 'report', 'withdraw', 'repeat', 'mend', 'remove', 'join'),
  channel: fc.nat({ max: CHANNELS - 1 }),
  worker: fc.nat({ max: WORKERS - 1 }),
  value: fc.nat({ max: 3 }),
});

/** Contributions equal a model after any steps. */
export function describeAnyReports(use: UseContributions): void {
  it('have the values and the digest of the last reports after any steps', async () => {
    const tests = use();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
        const channels = Array.from({ length: CHANNELS }, () => freshChannel());
        const workers = Array.from({ length: WORKERS }, () => tests.worker());
        const joined = workers.map(() => new Set<string>());
        const values = workers.map(() => new Map<string, Report>());
        const versions = new Map<string, number>();
        const beats = workers.map(() => 1);
        for (const { channel: at, does, value, worker: by } of steps) {
          const [channel = '', id = ''] = [channels[at], workers[by]];
          const own = values[by] ?? new Map<string, Report>();
          const send = (reports: Report[], buckets?: number[]) =>
            tests.report(id, reports, buckets, beats[by]);
          const last = own.get(channel);
          let changed = await (async () => {
            if (does === 'report') {
              const one = report({ channel, value });
              own.set(channel, one);
              return send([one]);
            }
            if (does === 'withdraw') {
              own.delete(channel);
              return send([report({ channel, value: undefined })]);
            }
            if (does === 'repeat' && last) return send([last]);
            if (does === 'mend') {
              own.delete(channels[(at + 1) % CHANNELS] ?? '');
              return send([...own.values()], [...new Set(channels.map(bucketOf))]);
            }
            if (does === 'remove') {
              own.clear();
              const removed = await tests.remove(id, beats[by] ?? 0, [levels.name]);
              beats[by] = (beats[by] ?? 0) + 1;
              return removed;
            }
            if (does === 'join') {
              joined[by]?.add(channel);
              await tests.join(id, channel);
            }
            return [];
          })();
          // Of several changes of a feed in one call, the last one counts.
          changed = [...new Map(changed.map((feed) => [feed.channel, feed])).values()];
          for (const feed of changed) {
            expect(feed.version).toBeGreaterThan(versions.get(feed.channel) ?? 0);
            versions.set(feed.channel, feed.version);
          }
          await tests.publish(changed);
        }
        for (const channel of channels) {
          const [found] = await tests.read(channel);
          const right = workers.flatMap((id, by) => {
            const one = values[by]?.get(channel);
            return one ? [[id, one.value] as const] : [];
          });
          expect(Object.fromEntries(found?.values ?? [])).toEqual(Object.fromEntries(right));
        }
        for (const [by, id] of workers.entries()) {
          const held = [...(joined[by] ?? [])].map((channel) => {
            const version = versions.get(channel);
            return [channel, version === undefined ? {} : { [levels.name]: version }] as const;
          });
          const own = [...(values[by]?.values() ?? [])];
          expect(await tests.digest(id)).toEqual(digestWith(held, own));
        }
      }),
      { numRuns: 25 },
    );
  });
}
