import type { BlockRow } from './block-row';
import { ByteReader } from './bytes';
import { readTexts } from './dictionary';
import { ID_BYTES, packedTime, packId, unpackId } from './packed-id';

const COUNT_BYTES = 2;

/** A block as `BlockWriter` wrote it. */
export class RowBlock {
  private readonly count: number;
  private readonly prefix: number;
  /** Where the rest of the first id begins. */
  private readonly idsAt: number;
  private readonly id = Buffer.alloc(ID_BYTES);

  constructor(private readonly bytes: Buffer) {
    this.count = bytes.readUInt16LE(0);
    this.prefix = bytes.readUInt8(COUNT_BYTES);
    this.idsAt = COUNT_BYTES + 1 + this.prefix;
    bytes.copy(this.id, 0, COUNT_BYTES + 1, this.idsAt);
  }

  /** All rows, in order. */
  rows(): BlockRow[] {
    return this.rowsBetween(0, this.count);
  }

  /** The row of an id and a channel. */
  find(id: string, channel: string): BlockRow | undefined {
    const sought = Buffer.alloc(ID_BYTES);
    if (!packId(id, sought, 0)) return undefined;
    const from = this.firstNotBelow(sought);
    let to = from;
    while (to < this.count && this.compare(to, sought) === 0) to += 1;
    return this.rowsBetween(from, to).find((row) => row.channel === channel);
  }

  /** Whether an id is greater than all of the block. */
  endsBefore(id: string): boolean {
    const sought = Buffer.alloc(ID_BYTES);
    return packId(id, sought, 0) && this.compare(this.count - 1, sought) < 0;
  }

  private firstNotBelow(sought: Buffer): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.compare(middle, sought) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private compare(row: number, sought: Buffer): number {
    return this.packedId(row).compare(sought);
  }

  private packedId(row: number): Buffer {
    const length = ID_BYTES - this.prefix;
    const at = this.idsAt + row * length;
    this.bytes.copy(this.id, this.prefix, at, at + length);
    return this.id;
  }

  private rowsBetween(from: number, to: number): BlockRow[] {
    const rows: BlockRow[] = [];
    if (from === to) return rows;
    const reader = new ByteReader(this.bytes, this.idsAt + this.count * (ID_BYTES - this.prefix));
    const [channels, members, bodies] = [readTexts(reader), readTexts(reader), readTexts(reader)];
    const offsets = new Array<number>(channels.length).fill(0);
    for (let row = 0; row < to; row++) {
      const channel = reader.varint();
      const [member, body] = [reader.varint(), reader.varint()];
      const late = reader.signed();
      const offset = reader.signed() + (offsets[channel] ?? 0);
      offsets[channel] = offset;
      if (row < from) continue;
      const packed = this.packedId(row);
      rows.push({
        ...{ id: unpackId(packed), at: packedTime(packed, 0) + late, offset },
        channel: channels[channel] ?? '',
        memberId: members[member] ?? '',
        body: bodies[body] ?? '',
      });
    }
    return rows;
  }
}
