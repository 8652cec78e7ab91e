import { bucketOf, DIGEST_BUCKETS } from '../../schemas/digest';
import { MAX_REMOVED } from '../../schemas/report';
import {
  digestWith,
  report,
  TURNS,
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

  it('returns removed feeds again until their versions are cached', async () => {
    const { contributions, digest, publish, report: send, worker } = use();
    const id = worker();
    const [one, kept] = [report({ value: 4 }), report({ type: stays.name })];
    await publish(await send(id, [one, kept]));
    const remove = () => contributions.remove(id, 5, [levels.name], bucketOf(one.channel));
    expect(versionIn(await remove())).toBe(2);
    expect(versionIn(await remove())).toBe(2);
    expect(versionIn(await publish(await remove()))).toBe(2);
    expect(await remove()).toEqual([]);
    expect(await digest(id)).toEqual(digestWith([], [kept]));
  });

  it('accepts reports of a contributor that comes back before its removal is cached', async () => {
    const { contributions, digest, publish, report: send, worker } = use();
    const [id, one] = [worker(), report({ value: 4 })];
    await publish(await send(id, [one]));
    const remove = () => contributions.remove(id, 5, [levels.name], bucketOf(one.channel));
    await remove();
    const again = { ...one, number: one.number + 10 };
    expect(valuesIn(await publish(await send(id, [again], [], 6)))).toEqual({ [id]: 4 });
    expect(await digest(id)).toEqual(digestWith([], [again]));
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
    const changed = [...some, ...(await remove(id, 5, [levels.name]))];
    expect(new Set(changed.map(({ channel }) => channel)).size).toBe(all.length);
    expect(changed.every(({ values, version }) => values.size === 0 && version === 2)).toBe(true);
  });
}

/** The contract for values that were withdrawn just before their contributor was lost. */
export function describeWithdrawals(use: UseContributions): void {
  it('returns withdrawn feeds until their versions are cached', async () => {
    const { contributions, digest, held, publish, report: send, worker } = use();
    const id = worker();
    const one = report();
    const bucket = bucketOf(one.channel);
    await publish(await send(id, [one]));
    await send(id, [{ ...one, number: one.number + 1, value: undefined }]);
    for (const turn of TURNS) expect(await digest(id, turn)).toEqual(digestWith([], []));
    expect(await held(id, bucket)).toEqual([]);
    const remove = () => contributions.remove(id, 5, [levels.name], bucket);
    expect(versionIn(await remove())).toBe(2);
    expect(versionIn(await publish(await remove()))).toBe(2);
    expect(await remove()).toEqual([]);
  });

  it('returns removed feeds until their versions are cached, also after renewals', async () => {
    const { contributions, digest, publish, report: send, worker } = use();
    const [id, one] = [worker(), report({ value: 4 })];
    await publish(await send(id, [one]));
    const remove = () => contributions.remove(id, 5, [levels.name], bucketOf(one.channel));
    await remove();
    for (const turn of TURNS) await digest(id, turn);
    expect(await digest(id)).toEqual(digestWith([], []));
    expect(versionIn(await publish(await remove()))).toBe(2);
    expect(await remove()).toEqual([]);
  });
}

/** The contract for workers that were removed although they live. */
export function describeReturns(use: UseContributions): void {
  it('has the values of a worker again that comes back after its removal', async () => {
    const { contributions, digest, publish, report: send, worker } = use();
    const [id, one] = [worker(), report({ value: 4 })];
    const bucket = bucketOf(one.channel);
    await publish(await send(id, [one]));
    await publish(await contributions.remove(id, 5, [levels.name], bucket));
    for (const turn of TURNS) await digest(id, turn);
    expect((await digest(id))[bucket]).toBe(0);
    const again = { ...one, number: one.number + 10 };
    expect(valuesIn(await publish(await send(id, [again], [bucket], 6)))).toEqual({ [id]: 4 });
    expect(await digest(id)).toEqual(digestWith([], [again]));
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
    expect(versionIn(await read(one.channel, 1))).toBe(3);
    expect(versionIn(await read(one.channel, 80))).toBe(82);
  });

  it('gives a feed a version above the cached one, if that may be of other values', async () => {
    const { publish, put, read, report: send, worker } = use();
    const [id, one] = [worker(), report({ value: 6 })];
    await send(id, [one]);
    expect(versionIn(await read(one.channel, 0))).toBe(1);
    await put(one.channel, levels.name, 1);
    expect(versionIn(await read(one.channel))).toBe(1);
    expect(versionIn(await publish(await read(one.channel, 0)))).toBe(2);
    await put(one.channel, levels.name, 9);
    expect(versionIn(await send(id, [one]))).toBe(10);
  });
}
