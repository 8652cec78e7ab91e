import type { Directory } from '../../../adapters/directory';
import { EmbeddedDirectory } from '../../../adapters/embedded/directory';
import { EmbeddedLeases } from '../../../adapters/embedded/leases';
import { EmbeddedCache } from '../../../adapters/embedded/state-cache';
import type { Lease } from '../../../adapters/leases';
import { LiveWorkers, READ_MS } from '../../../dispatchers/workers/live-workers';
import { digestOf, RENEW_MS, type Worker } from '../../../schemas/delivery';
import { LikestreamError } from '../../../schemas/errors';
import { VirtualClock } from '../../simulation/virtual-clock';
import { types } from '../parts';

const ANN: Worker = { id: 'ann', url: 'http://ann' };
const CHANNEL = 'video:1';

async function ground(removesDead = true) {
  const clock = new VirtualClock();
  const directory = new EmbeddedDirectory(new EmbeddedCache(types));
  const leases = new EmbeddedLeases();
  const failures: string[] = [];
  const trouble = { isUnavailable: false, areLeasesUnavailable: false, reads: 0 };
  const unavailable = async (): Promise<never> => {
    throw new LikestreamError('directory_unavailable');
  };
  const calls: string[] = [];
  const guarded: Pick<Directory, 'change' | 'watchers'> = {
    change: (...of) => {
      calls.push('change');
      return directory.change(...of);
    },
    watchers: (of) => (trouble.isUnavailable ? unavailable() : directory.watchers(of)),
  };
  const guardedLeases = {
    all: (): Promise<readonly Lease[]> => {
      trouble.reads += 1;
      const isLost = trouble.isUnavailable || trouble.areLeasesUnavailable;
      return isLost ? unavailable() : leases.all();
    },
    remove: (...of: Parameters<EmbeddedLeases['remove']>) => {
      calls.push('remove');
      return leases.remove(...of);
    },
  };
  const failed = (doing: string) => failures.push(doing);
  const options = { directory: guarded, leases: guardedLeases, clock, removesDead, failed };
  const workers = new LiveWorkers(options);
  await leases.renew(ANN, 1);
  await directory.change(ANN.id, [CHANNEL], []);
  const watching = async () => (await workers.watching([CHANNEL])).flat();
  return { calls, clock, directory, failures, leases, trouble, watching, workers };
}

describe('LiveWorkers', () => {
  it('reads leases once for a new worker, and not again at each look-up', async () => {
    const { trouble, watching } = await ground();
    for (let round = 0; round < 5; round++) expect(await watching()).toEqual([ANN]);
    expect(trouble.reads).toBe(1);
  });

  it('seldom reads for ids that clients make up, and does not judge them', async () => {
    const { trouble, workers } = await ground();
    for (let at = 0; at < 1_000; at++) expect(await workers.find(`made-up-${at}`)).toBeUndefined();
    expect(trouble.reads).toBe(1);
    expect(await workers.find('ann')).toEqual(ANN);
  });

  it('removes memberships first and the lease last', async () => {
    const { calls, clock, directory, leases, watching, workers } = await ground();
    workers.start();
    await clock.advance(10 * READ_MS);
    expect(calls).toEqual(['change', 'remove']);
    expect(await watching()).toEqual([]);
    expect(await directory.digest(ANN.id)).toEqual(digestOf([]));
    expect(await leases.all()).toEqual([]);
    workers.close();
  });

  it('removes nothing in a process that is no dispatcher, but returns no dead worker', async () => {
    const { calls, clock, leases, watching, workers } = await ground(false);
    workers.start();
    await clock.advance(10 * READ_MS);
    expect([await watching(), calls]).toEqual([[], []]);
    await leases.renew(ANN, 2);
    await clock.advance(READ_MS);
    expect(await watching()).toEqual([ANN]);
    workers.close();
  });

  it('begins its counts anew after the connection was lost', async () => {
    const { calls, clock, workers } = await ground();
    workers.start();
    for (let round = 0; round < 10; round++) {
      await clock.advance(4_000);
      workers.interrupt();
    }
    expect(calls).toEqual([]);
    workers.close();
  });

  it('makes no read after it was closed', async () => {
    const { clock, trouble, workers } = await ground();
    workers.start();
    await clock.advance(READ_MS);
    workers.close();
    const { reads } = trouble;
    await clock.advance(60_000);
    expect(trouble.reads).toBe(reads);
  });
});

describe('LiveWorkers while the directory is unavailable', () => {
  it('returns the last known workers, and removes none', async () => {
    const { calls, clock, failures, trouble, watching, workers } = await ground();
    workers.start();
    expect(await watching()).toEqual([ANN]);
    trouble.isUnavailable = true;
    await clock.advance(30_000);
    expect(await watching()).toEqual([ANN]);
    await expect(workers.watching(['video:2'])).rejects.toMatchObject({
      code: 'directory_unavailable',
    });
    expect(failures).toContain('read leases');
    trouble.isUnavailable = false;
    await clock.advance(2 * RENEW_MS + 5_000);
    expect([await watching(), calls]).toEqual([[ANN], []]);
    await clock.advance(3 * READ_MS);
    expect(calls).toEqual(['change', 'remove']);
    workers.close();
  });

  it('returns known workers if a watcher was removed before', async () => {
    const { clock, directory, leases, trouble, watching, workers } = await ground();
    const bob: Worker = { id: 'bob', url: 'http://bob' };
    await leases.renew(bob, 1);
    await directory.change(bob.id, [CHANNEL], []);
    workers.start();
    expect(await watching()).toEqual([ANN, bob]);
    for (let beat = 2; beat < 12; beat++) {
      await leases.renew(ANN, beat);
      await clock.advance(READ_MS);
    }
    trouble.isUnavailable = true;
    expect(await watching()).toEqual([ANN]);
    workers.close();
  });

  it('remembers watchers that were read with a write, without a look-up', async () => {
    const { clock, directory, trouble, watching, workers } = await ground();
    directory.watchers = () => Promise.reject(new Error('asked'));
    const read = new Map([[CHANNEL, [ANN.id]]]);
    expect(await workers.watching([CHANNEL, 'video:2'], read)).toEqual([[ANN], []]);
    trouble.isUnavailable = true;
    await clock.advance(1_000);
    expect(await watching()).toEqual([ANN]);
  });

  it('leaves out a watcher whose lease could not be read before', async () => {
    const { clock, directory, trouble, watching, workers } = await ground();
    await watching();
    await directory.change('new', [CHANNEL], []);
    trouble.areLeasesUnavailable = true;
    await clock.advance(READ_MS);
    await expect(watching()).rejects.toMatchObject({ code: 'directory_unavailable' });
    trouble.isUnavailable = true;
    expect(await watching()).toEqual([ANN]);
    workers.close();
  });
});
