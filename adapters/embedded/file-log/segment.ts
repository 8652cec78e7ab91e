import { LikestreamError } from '../../../schemas/errors';
import type { LogFile } from './log-folder';
import { decodeGroup, GROUP_HEAD_BYTES, type GroupRecords, groupLength } from './record-bytes';

/** Bytes that are read at once when a file is opened. */
const READ_BYTES = 1024 * 1024;

/** The groups of a file that have records of one partition, in rising order. */
interface PartitionGroups {
  /** The offset of the partition's first record in each group. */
  readonly firstOffsets: number[];
  /** The position of each group in the file. */
  readonly positions: number[];
  lastOffset: number;
}

/** One file of the log, and an index of its groups by partition. */
export class Segment {
  private readonly partitions = new Map<string, PartitionGroups>();

  constructor(
    readonly name: string,
    readonly file: LogFile,
  ) {}

  /** Indexes a group at a position of the file. */
  add(records: GroupRecords, position: number): void {
    for (const [name, ofPartition] of records) {
      const [first, last] = [ofPartition[0], ofPartition.at(-1)];
      if (!first || !last || first.key === '') continue;
      const groups = this.partitions.get(name) ?? newGroups();
      this.partitions.set(name, groups);
      groups.firstOffsets.push(first.offset);
      groups.positions.push(position);
      groups.lastOffset = last.offset;
    }
  }

  /** The positions of the groups that may have records of a partition from an offset on. */
  *positionsFrom(name: string, offset: number): Iterable<number> {
    const groups = this.partitions.get(name);
    if (!groups || groups.lastOffset < offset) return;
    const first = lastAtMost(groups.firstOffsets, offset);
    for (let at = Math.max(first, 0); at < groups.positions.length; at++) {
      yield groups.positions[at] ?? 0;
    }
  }

  /** Whether each record is below the first needed offset of its partition. */
  isBelow(needed: (name: string) => number): boolean {
    return [...this.partitions].every(([name, { lastOffset }]) => lastOffset < needed(name));
  }

  /** The group at a position. Throws `log_mismatch` if the file has changed. */
  read(position: number): GroupRecords {
    const length = groupLength(this.file.read(position, GROUP_HEAD_BYTES)) ?? 0;
    const group = decodeGroup(this.file.read(position, GROUP_HEAD_BYTES + length));
    if (!group) throw damaged(this.name, position);
    return group;
  }

  /**
   * Calls `visit` with each group. An append that was in progress when the machine failed may have
   * left an incomplete group at the end of the last file, of which no entry was answered: it is
   * dropped. Throws `log_mismatch` if any other group is damaged.
   */
  scan(isLast: boolean, visit: (records: GroupRecords, position: number) => void): void {
    const { file } = this;
    let position = 0;
    let ahead: Buffer = Buffer.alloc(0);
    while (position < file.size) {
      let length = GROUP_HEAD_BYTES + (groupLength(ahead) ?? 0);
      if (ahead.length < length) {
        ahead = file.read(position, Math.max(READ_BYTES, length));
        length = GROUP_HEAD_BYTES + (groupLength(ahead) ?? 0);
        if (ahead.length < length) ahead = file.read(position, length);
      }
      const records = length > GROUP_HEAD_BYTES ? decodeGroup(ahead) : undefined;
      if (!records) {
        if (!isLast || this.isFollowed(position)) throw damaged(this.name, position);
        file.truncate(position);
        return;
      }
      visit(records, position);
      position += length;
      ahead = ahead.subarray(length);
    }
  }

  /** Whether a whole group comes after a damaged one: then that one was synced before it. */
  private isFollowed(position: number): boolean {
    const rest = this.file.read(position, this.file.size - position);
    for (let from = 1; from + GROUP_HEAD_BYTES < rest.length; from++) {
      const length = rest.readUInt32LE(from);
      const fits = length > 0 && from + GROUP_HEAD_BYTES + length <= rest.length;
      if (fits && decodeGroup(rest.subarray(from))) return true;
    }
    return false;
  }
}

function newGroups(): PartitionGroups {
  return { firstOffsets: [], positions: [], lastOffset: -1 };
}

/** The index of the last number that is at most `limit`; -1 if there is none. */
function lastAtMost(rising: readonly number[], limit: number): number {
  let low = 0;
  let high = rising.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rising[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function damaged(name: string, position: number): LikestreamError {
  return new LikestreamError(
    'log_mismatch',
    `the log's file ${name} is damaged at byte ${position}: restore DATA_DIR from a backup, or ` +
      'begin with an empty one',
  );
}
