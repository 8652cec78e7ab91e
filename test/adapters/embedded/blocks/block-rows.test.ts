import fc from 'fast-check';
import '../../../fixtures/same-runs';
import { type BlockRow, sortedRows } from '../../../../adapters/embedded/blocks/block-row';
import { BlockRows } from '../../../../adapters/embedded/blocks/block-rows';
import { MAX_BLOCK_BYTES } from '../../../../adapters/embedded/blocks/block-writer';
import { RowBlock } from '../../../../adapters/embedded/blocks/row-block';
import { openSimulatedDisk } from '../../../contract/embedded';

const CHANNELS = ['video:a', 'video:a1', 'video:b'];

/** A row by the number of its id; numbers that are neighbours have ids that are. */
function rowOf(number: number, change: Partial<BlockRow> = {}): BlockRow {
  const digits = number.toString(16).padStart(12, '0');
  const id = `018bcfe5-${digits.slice(0, 4)}-7000-8000-${digits.slice(4)}0000`;
  const memberId = `member-${number}-${'x'.repeat(30)}`;
  return { id, channel: 'video:a', memberId, at: number, offset: number, body: '1', ...change };
}

function open() {
  const { database, time } = openSimulatedDisk();
  const rows = new BlockRows(database, 'likes');
  const add = (added: readonly BlockRow[]) =>
    time.finish(database.write(rows.changesFor(sortedRows(added))));
  const blocks = () =>
    [...database.range({ from: 'blocks/', to: 'blocks0' })].map(({ value }) => value as Buffer);
  const stored = () => blocks().flatMap((bytes) => new RowBlock(bytes).rows());
  return { rows, add, blocks, stored };
}

const range = (from: number, count: number) =>
  Array.from({ length: count }, (_, at) => rowOf(from + at));

describe('BlockRows', () => {
  it('has each row once with its first copy, in order, after any additions', async () => {
    const added = fc.record({
      number: fc.oneof(fc.nat(20), fc.nat(0xffff_ffff)),
      channel: fc.constantFrom(...CHANNELS),
      offset: fc.nat(9),
    });
    const additions = fc.array(fc.array(added, { maxLength: 60, size: 'max' }), { maxLength: 8 });
    const run = async (all: { number: number; channel: string; offset: number }[][]) => {
      const { add, rows, stored } = open();
      const expected = new Map<string, BlockRow>();
      for (const some of all) {
        const now = some.map(({ number, ...change }) => rowOf(number, change));
        await add(now);
        for (const row of now) {
          const name = `${row.id}/${row.channel}`;
          const first = expected.get(name);
          if (!first || row.offset < first.offset) expected.set(name, row);
        }
      }
      expect(stored()).toEqual(sortedRows([...expected.values()]));
      for (const row of expected.values()) {
        expect(rows.find(row.id, row.channel)?.offset).toBe(row.offset);
      }
      expect(rows.find(rowOf(3).id, 'video:none')).toBeUndefined();
    };
    await fc.assert(fc.asyncProperty(additions, run), { numRuns: 30 });
  });

  it('adds rows to the last block until it is almost full', async () => {
    const { add, blocks, stored } = open();
    for (let number = 0; number < 300; number++) await add([rowOf(number)]);
    expect(stored()).toHaveLength(300);
    for (const bytes of blocks().slice(0, -1)) {
      expect(bytes.length).toBeGreaterThan((MAX_BLOCK_BYTES * 3) / 4);
    }
  });

  it('leaves full blocks as they are if rows come after them', async () => {
    const { add, blocks } = open();
    await add(range(0, 500));
    const before = blocks().slice(0, -1);
    await add(range(500, 500));
    expect(blocks().slice(0, before.length)).toEqual(before);
  });

  it('splits a full block evenly if a row comes in between', async () => {
    const { add, blocks, stored } = open();
    await add(range(0, 500).map(({ at }) => rowOf(at * 100)));
    const before = blocks().length;
    for (let number = 101; number < 120; number++) await add([rowOf(number)]);
    expect(stored()).toHaveLength(519);
    expect(blocks().length).toBe(before + 1);
  });

  it('adds rows before the first block to that block', async () => {
    const { add, blocks, stored } = open();
    for (let number = 20; number > 0; number--) await add([rowOf(number)]);
    expect(stored()).toHaveLength(20);
    expect(blocks()).toHaveLength(1);
  });
});
