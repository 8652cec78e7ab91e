import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogConsumer, LogRecord } from '../../adapters/log-source';
import type { Backends } from '../../app/backends';
import { openEmbeddedBackends } from '../../app/embedded-backends';
import { readSettings } from '../../runtime/settings/settings';
import type { LoggedType } from '../../schemas/event-type';
import { likes } from '../../schemas/likes';
import { partitionOf } from '../../schemas/partitions';
import { ratings, types } from '../contract/stores-types';

const CHANNEL = 'video:1';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'likestream-embedded-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

function open(namespace = 'likestream'): Backends {
  const settings = readSettings({ DATA_DIR: folder, DATACENTER: 'dc7', NAMESPACE: namespace });
  const failed = (doing: string, error: unknown): void => {
    throw new Error(doing, { cause: error });
  };
  const fatal = (error: Error): void => {
    throw error;
  };
  return openEmbeddedBackends({ settings, types, failed, fatal });
}

function consumerOf(records: LogConsumer['records'] = async () => undefined): LogConsumer {
  return {
    assigned: () => undefined,
    records,
    applyPeerUpdates: async () => undefined,
    isCancelPending: () => false,
    revoked: async () => undefined,
  };
}

/** The first records that the source of a type delivers. */
async function firstRecords(backends: Backends, type: LoggedType): Promise<readonly LogRecord[]> {
  const source = backends.sourceOf(type);
  const records = new Promise<readonly LogRecord[]>((resolve) => {
    void source.start(consumerOf(async (_, delivered) => resolve(delivered)));
  });
  const delivered = await records;
  await source.stop();
  return delivered;
}

describe('openEmbeddedBackends', () => {
  it('writes the format of a new folder, and opens it again', async () => {
    await open().close();
    expect(readFileSync(join(folder, 'format'), 'utf8')).toBe('3\n');
    await open().close();
  });

  it('refuses a folder of an earlier format before it locks it, and changes nothing', () => {
    mkdirSync(join(folder, 'db'));
    writeFileSync(join(folder, 'db', 'data.mdb'), 'data');
    expect(() => open()).toThrow(`${folder} has data of an earlier format`);
    expect(readdirSync(folder)).toEqual(['db']);
    expect(readdirSync(join(folder, 'db'))).toEqual(['data.mdb']);
  });

  it('refuses a folder that another process has locked', async () => {
    const backends = open();
    expect(() => open()).toThrow('in use');
    await backends.close();
  });

  it('has the rows of each event type, with places of its origin', async () => {
    const backends = open();
    const [likeRows, starRows] = [backends.rowsOf(likes), backends.rowsOf(ratings)];
    const entry = { id: 'ann', memberId: 'ann', at: 1 };
    const [like, stars] = [{ reaction: 'love' }, { stars: 4, isPublic: true }];
    await likeRows.insert(CHANNEL, [{ ...entry, body: like, offset: 3 }]);
    await starRows.insert(CHANNEL, [{ ...entry, body: stars, offset: 8 }]);
    const found = [likeRows, starRows].map((rows) => rows.find(CHANNEL, ['ann']));
    expect(await Promise.all(found)).toEqual([
      [{ ...entry, body: like, place: 'dc7.1@3' }],
      [{ ...entry, body: stars, place: 'dc7.1@8' }],
    ]);
    await backends.close();
  });

  it("delivers the records of an event type's own log", async () => {
    const backends = open();
    await backends.log.append('star-ratings', [{ key: CHANNEL, value: 'stars' }]);
    await backends.log.append('likes', [{ key: CHANNEL, value: 'like' }]);
    const delivered = [await firstRecords(backends, likes), await firstRecords(backends, ratings)];
    expect(delivered).toEqual([
      [expect.objectContaining({ key: CHANNEL, value: 'like' })],
      [expect.objectContaining({ key: CHANNEL, value: 'stars' })],
    ]);
    await backends.close();
  });

  it('lets one source commit after that of another event type was stopped', async () => {
    const backends = open();
    const [one, other] = [backends.sourceOf(likes), backends.sourceOf(ratings)];
    await Promise.all([one.start(consumerOf()), other.start(consumerOf())]);
    await one.stop();
    const partition = partitionOf(CHANNEL);
    await expect(other.commit(partition, { done: 0, from: 0 })).resolves.toBeUndefined();
    await other.stop();
    await backends.close();
  });

  it('finds its logs again if NAMESPACE is another one', async () => {
    const before = open();
    await before.log.append('likes', [{ key: CHANNEL, value: 'like' }]);
    await before.close();
    const after = open('other');
    expect(await firstRecords(after, likes)).toMatchObject([{ key: CHANNEL, value: 'like' }]);
    await after.close();
  });
});
