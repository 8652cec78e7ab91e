import { bucketOf, DIGEST_BUCKETS } from '../../schemas/digest';
import { MAX_REMOVED } from '../../schemas/report';
import {
  digestWith,
  report,
  type UseContributions,
  valuesIn,
  versionIn,
} from './contributions-support';
import { levels, stays } from './leased-types';
import { freshChannel } from './time';

/** The contract for contributors that are lost. */
export function describeRemovals(use: UseContributions): void {
  it('removes the values of a lost contributor, of the given types', async () => {
    const { digest, remove, report: send, worker } = use();
    const [ann, bob, channel] = [worker(), worker(), freshChannel()];
    const kept = report({ channel, type: stays.name });
    await send(ann, [report({ channel, value: 4 }), kept]);
    await send(bob, [report({ channel, value: 2 })]);
    const changed = await remove(ann, 5, [levels.name]);
    expect(valuesIn(changed)).toEqual({ [bob]: 2 });
    expect(versionIn(changed)).toBe(3);
    expect(await digest(ann)).toEqual(digestWith([], [kept]));
    expect(valuesIn(await remove(ann, 5, [levels.name, stays.name]))).toEqual({});
    expect(await remove(ann, 5, [levels.name, stays.name])).toEqual([]);
  });

  it('refuses reports up to the beat of the removal, and accepts later ones', async () => {
    const { digest, join, remove, report: send, worker } = use();
    const id = worker();
    await remove(id, 5, [levels.name]);
    await join(id, freshChannel());
    await remove(id, 3, [levels.name]);
    for (const beat of [0, 4, 5]) expect(await send(id, [report()], [], beat)).toEqual([]);
    const back = report();
    expect(valuesIn(await send(id, [back], [], 6))).toEqual({ [id]: 1 });
    expect((await digest(id))[bucketOf(back.channel)]).not.toBe(0);
  });

  it('refuses reports of a removed contributor after a late change of its channels', async () => {
    const { change, remove, report: send, worker } = use();
    const [id, channel] = [worker(), freshChannel()];
    await remove(id, 5, [levels.name]);
    await change(id, [channel], [], []);
    await change(id, [], [channel], [bucketOf(channel)]);
    expect(await send(id, [report({ channel })], [], 5)).toEqual([]);
  });

  it('removes many values by several calls of bounded size', async () => {
    const { contributions, remove, report: send, worker } = use();
    const id = worker();
    const all = Array.from({ length: 60 * MAX_REMOVED }, () => report());
    await send(id, all);
    const [first] = all;
    const bucket = bucketOf(first?.channel ?? '');
    const some = await contributions.remove(id, 5, [levels.name], bucket);
    expect(some.length).toBeLessThanOrEqual(MAX_REMOVED);
    expect(some.length + (await remove(id, 5, [levels.name])).length).toBe(all.length);
  });
}

/** The contract for reading contributions. */
export function describeReads(use: UseContributions): void {
  it('reads the feeds of a contributor’s values, by bucket', async () => {
    const { held, join, report: send, worker } = use();
    const [id, one] = [worker(), report()];
    await join(id, one.channel);
    await send(id, [one]);
    const bucket = bucketOf(one.channel);
    expect(await held(id, bucket)).toEqual([{ channel: one.channel, type: levels.name }]);
    expect(await held(id, (bucket + 1) % DIGEST_BUCKETS)).toEqual([]);
    expect(await held(worker(), bucket)).toEqual([]);
  });

  it('reads a feed with its version, or gives it one above another', async () => {
    const { publish, read, report: send, worker } = use();
    const [id, one] = [worker(), report({ value: 6 })];
    await publish(await send(id, [one]));
    const found = await read(one.channel);
    expect([valuesIn(found), versionIn(found)]).toEqual([{ [id]: 6 }, 1]);
    expect(versionIn(await read(one.channel, 0))).toBe(1);
    expect(versionIn(await read(one.channel, 1))).toBe(3);
    expect(versionIn(await read(one.channel, 80))).toBe(82);
  });
}
