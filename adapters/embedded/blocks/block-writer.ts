import type { BlockRow } from './block-row';
import { ByteWriter } from './bytes';
import { Dictionary } from './dictionary';
import { ID_BYTES, packedTime, packId } from './packed-id';

/**
 * The largest block, but for one of a single larger row: with what LMDB and its encoding add, it
 * fills a page of 4 KiB.
 */
export const MAX_BLOCK_BYTES = 4_074;

/** Rows in one block; so an index in a dictionary takes at most two bytes. */
export const MAX_BLOCK_ROWS = 1_000;

/** Row count, length of the ids' prefix, and the counts of three dictionaries. */
const HEAD_BYTES = 2 + 1 + 3 * 2;
/** Three indexes, a time and an offset, each as large as it can be. */
const MAX_COLUMN_BYTES = 3 * 2 + 8 + 8;

/**
 * Rows that are packed into a block:
 *
 *     row count u16 | length of the ids' common prefix u8 | prefix | the rest of each id
 *     | dictionaries of channels, members and bodies
 *     | of each row: channel, member, body, `at` after the id's time, offset after the last one of
 *     its channel
 */
export class BlockWriter {
  private count = 0;
  private readonly ids = Buffer.alloc((MAX_BLOCK_ROWS + 1) * ID_BYTES);
  private readonly columns = new ByteWriter(Buffer.alloc(MAX_BLOCK_BYTES + MAX_COLUMN_BYTES));
  private readonly channels = new Dictionary();
  private readonly members = new Dictionary();
  private readonly bodies = new Dictionary();
  /** By channel the offset of its last row. */
  private readonly offsets: number[] = [];

  /** Adds the next row in order; false if the block has no room for it. */
  add(row: BlockRow): boolean {
    const { bodies, channels, columns, count, ids, members } = this;
    const at = count * ID_BYTES;
    packId(row.id, ids, at);
    if (count > 0 && !this.hasRoom(row)) return false;
    const channel = channels.indexOf(row.channel);
    columns.varint(channel);
    columns.varint(members.indexOf(row.memberId));
    columns.varint(bodies.indexOf(row.body));
    columns.signed(row.at - packedTime(ids, at));
    columns.signed(row.offset - (this.offsets[channel] ?? 0));
    this.offsets[channel] = row.offset;
    this.count += 1;
    return true;
  }

  /** The bytes of the block, which is empty then. */
  take(): Buffer {
    const { bodies, channels, columns, count, ids, members } = this;
    const prefix = this.prefixWith(count - 1);
    const size = this.sizeOf(count, prefix);
    const writer = new ByteWriter(Buffer.allocUnsafe(size));
    writer.at = writer.bytes.writeUInt16LE(count, 0);
    writer.at = writer.bytes.writeUInt8(prefix, writer.at);
    writer.copy(ids.subarray(0, prefix));
    for (let row = 0; row < count; row++) {
      for (let byte = prefix; byte < ID_BYTES; byte++) {
        writer.bytes[writer.at++] = ids[row * ID_BYTES + byte] ?? 0;
      }
    }
    for (const texts of [channels, members, bodies]) texts.write(writer);
    writer.copy(columns.bytes.subarray(0, columns.at));
    this.clear();
    return writer.bytes.subarray(0, writer.at);
  }

  private hasRoom({ body, channel, memberId }: BlockRow): boolean {
    const { bodies, channels, count, members } = this;
    const growth =
      channels.growth(channel) + members.growth(memberId) + bodies.growth(body) + MAX_COLUMN_BYTES;
    const size = this.sizeOf(count + 1, this.prefixWith(count));
    return count < MAX_BLOCK_ROWS && size + growth <= MAX_BLOCK_BYTES;
  }

  private sizeOf(count: number, prefix: number): number {
    const texts = this.channels.size + this.members.size + this.bodies.size;
    return HEAD_BYTES + prefix + count * (ID_BYTES - prefix) + texts + this.columns.at;
  }

  /** How many bytes the first id and that of the row `last` have in common, and so all between. */
  private prefixWith(last: number): number {
    const { ids } = this;
    let bytes = 0;
    while (bytes < ID_BYTES && ids[bytes] === ids[last * ID_BYTES + bytes]) bytes += 1;
    return bytes;
  }

  private clear(): void {
    this.count = 0;
    this.columns.at = 0;
    this.offsets.length = 0;
    for (const texts of [this.channels, this.members, this.bodies]) texts.clear();
  }
}

/** Packs rows in order into blocks, each with its first row; of at most `limit` rows each. */
export function packRows(
  rows: readonly BlockRow[],
  limit = MAX_BLOCK_ROWS,
): { first: BlockRow; bytes: Buffer }[] {
  const blocks: { first: BlockRow; bytes: Buffer }[] = [];
  let first: BlockRow | undefined;
  let count = 0;
  for (const row of rows) {
    if (first && (count === limit || !WRITER.add(row))) {
      blocks.push({ first, bytes: WRITER.take() });
      first = undefined;
    }
    if (!first) {
      WRITER.add(row);
      [first, count] = [row, 0];
    }
    count += 1;
  }
  if (first) blocks.push({ first, bytes: WRITER.take() });
  return blocks;
}

/** Only `packRows` uses it, and leaves it empty. */
const WRITER = new BlockWriter();
