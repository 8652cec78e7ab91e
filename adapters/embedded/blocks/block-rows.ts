import type { Change, Database } from '../database';
import { type BlockRow, mergeRows } from './block-row';
import { MAX_BLOCK_BYTES, packRows } from './block-writer';
import { RowBlock } from './row-block';

/** A block with fewer bytes gets later rows, too, although it must be written again for them. */
const FULL_BYTES = (MAX_BLOCK_BYTES * 3) / 4;

const ID_LENGTH = 36;

/** A block in the database. */
interface StoredBlock {
  readonly key: string;
  readonly block: RowBlock;
  readonly size: number;
}

/**
 * The blocks of one event type: `blocks/TYPE/ID/CHANNEL`, by their first rows. They do not overlap,
 * so a row can only be in the last block whose key is not greater.
 */
export class BlockRows {
  private readonly prefix: string;
  /** Greater than all keys: `0` is the character after `/`. */
  private readonly end: string;

  constructor(
    private readonly database: Pick<Database, 'range'>,
    type: string,
  ) {
    this.prefix = `blocks/${type}/`;
    this.end = `blocks/${type}0`;
  }

  /** The row of an id and a channel. */
  find(id: string, channel: string): BlockRow | undefined {
    return this.lastFrom(this.keyOf({ id, channel }))?.block.find(id, channel);
  }

  /** The changes that add sorted rows; none may be written between this call and their write. */
  changesFor(rows: readonly BlockRow[]): Change[] {
    const changes: Change[] = [];
    for (let from = 0; from < rows.length; ) {
      const first = rows[from];
      if (!first) break;
      const key = this.keyOf(first);
      const block = this.lastFrom(key) ?? this.firstAfter(this.prefix);
      const next = block && this.firstAfter(block.key)?.key;
      const to = next === undefined ? rows.length : this.firstFrom(next, rows, from);
      changes.push(...this.changesOf(block, rows.slice(from, to), next !== undefined));
      from = to;
    }
    return changes;
  }

  private changesOf(
    stored: StoredBlock | undefined,
    rows: readonly BlockRow[],
    hasNext: boolean,
  ): Change[] {
    if (!stored || isLeft(stored, rows)) return this.puts(packRows(rows));
    const merged = mergeRows(stored.block.rows(), rows);
    let blocks = packRows(merged);
    // More rows may come between: then each half has room for them.
    if (hasNext && blocks.length > 1) {
      blocks = packRows(merged, Math.ceil(merged.length / blocks.length));
    }
    const puts = this.puts(blocks);
    return puts[0]?.key === stored.key ? puts : [{ key: stored.key }, ...puts];
  }

  private puts(blocks: ReturnType<typeof packRows>): Change[] {
    return blocks.map(({ bytes, first }) => ({ key: this.keyOf(first), value: bytes }));
  }

  /** The index of the first row from `from` on that is not below a key. */
  private firstFrom(key: string, rows: readonly BlockRow[], from: number): number {
    const id = key.slice(this.prefix.length, this.prefix.length + ID_LENGTH);
    let at = from;
    for (let row = rows[at]; row && row.id <= id; row = rows[++at]) {
      if (row.id === id && this.keyOf(row) >= key) break;
    }
    return at;
  }

  private lastFrom(key: string): StoredBlock | undefined {
    // `!` comes before all characters of a channel.
    const range = { from: this.prefix, to: `${key}!`, limit: 1, reverse: true };
    for (const found of this.database.range(range)) return blockIn(found);
    return undefined;
  }

  private firstAfter(key: string): StoredBlock | undefined {
    const range = { from: `${key}!`, to: this.end, limit: 1 };
    for (const found of this.database.range(range)) return blockIn(found);
    return undefined;
  }

  private keyOf({ channel, id }: Pick<BlockRow, 'channel' | 'id'>): string {
    return `${this.prefix}${id}/${channel}`;
  }
}

/** Whether a block stays as it is, because all rows come after it and it is almost full. */
function isLeft({ block, size }: StoredBlock, rows: readonly BlockRow[]): boolean {
  return size >= FULL_BYTES && block.endsBefore(rows[0]?.id ?? '');
}

function blockIn({ key, value }: { key: string; value: unknown }): StoredBlock {
  const bytes = value as Buffer;
  return { key, block: new RowBlock(bytes), size: bytes.length };
}
