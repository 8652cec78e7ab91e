import type { Clock } from '../../../runtime/clock';
import { asLikestreamError, LikestreamError } from '../../../schemas/errors';
import type { PartitionEntry, PartitionLog } from '../../partition-log';
import type { ReadableLog } from '../readable-log';
import { AppendGroup } from './append-group';
import { GroupCache } from './group-cache';
import type { LogFolder } from './log-folder';
import {
  encodeGroup,
  type FiledRecord,
  type GroupRecords,
  partitionIn,
  partitionName,
} from './record-bytes';
import { Segment } from './segment';

/** A file that is larger gets no more groups. */
export const SEGMENT_BYTES = 4 * 1024 * 1024;

/** If more bytes wait for the group in progress, appends are refused. */
export const MAX_WAITING_BYTES = 16 * 1024 * 1024;

const NAME_DIGITS = 12;

/** Other files are not the log's: file managers and editors leave some in any folder. */
const SEGMENT_NAME = new RegExp(`^\\d{${NAME_DIGITS},}$`);

type AppendListener = (topic: string, partition: number) => void;

/**
 * The event log in files. One group of appends is written and synced at a time, on Node's thread
 * pool; appends that arrive meanwhile go into the next group. A file is removed when no reader
 * needs one of its records (`trim`).
 *
 * Each file begins with the ends of all partitions, as records without a key: so an offset is never
 * assigned twice, although the file that had it was removed.
 */
export class FileLog implements PartitionLog, ReadableLog {
  private readonly segments: Segment[] = [];
  private readonly cache = new GroupCache();
  /** By partition, the offset after its last record that is or will be written. */
  private readonly nextOffsets = new Map<string, number>();
  /** By partition, the offset after its last record that can be read. */
  private readonly ends = new Map<string, number>();
  /** By partition, the first offset that is still needed. */
  private readonly needed = new Map<string, number>();
  private readonly listeners = new Set<AppendListener>();
  private waiting = new AppendGroup();
  private isWriting = false;
  /** Resolves when the group in progress has ended. */
  private idle: Promise<void> = Promise.resolve();
  private isDamaged = false;
  private isClosed = false;

  /** Opens the log's files. Throws `log_mismatch` if one is damaged. */
  constructor(
    private readonly folder: LogFolder,
    private readonly clock: Pick<Clock, 'now'>,
    private readonly segmentBytes = SEGMENT_BYTES,
  ) {
    const names = folder.names().filter((name) => SEGMENT_NAME.test(name));
    for (const name of names) this.openSegment(name, name === names.at(-1));
    this.dropHeadless();
    if (this.segments.length === 0) this.openSegment('0'.padStart(NAME_DIGITS, '0'), true);
    // Syncs it: a process that was killed may have left bytes that are not on the disk.
    this.lastSegment.file.repair();
  }

  append(topic: string, entries: readonly PartitionEntry[]): Promise<readonly number[]> {
    if (this.isClosed) return Promise.reject(new LikestreamError('log_refused', 'it is closed'));
    if (this.waiting.size > MAX_WAITING_BYTES) {
      return Promise.reject(new LikestreamError('log_refused', 'too many appends wait'));
    }
    const appendedAt = this.clock.now();
    const records = entries.map(({ key, parsed, partition, value }) => {
      const offset = this.reserveOffset(topic, partition);
      return { topic, partition, offset, appendedAt, key, value, parsed };
    });
    const written = this.waiting.add(records);
    if (!this.isWriting) this.idle = this.writeGroups();
    return written.then(() => records.map(({ offset }) => offset));
  }

  read(topic: string, partition: number, from: number, limit: number): FiledRecord[] {
    const name = partitionName(topic, partition);
    const found: FiledRecord[] = [];
    for (const segment of this.segments) {
      for (const position of segment.positionsFrom(name, from)) {
        for (const record of this.cache.read(segment, position).get(name) ?? []) {
          if (record.offset >= from) found.push(record);
          if (found.length === limit) return found;
        }
      }
    }
    return found;
  }

  /** The offset after the last record of a partition that can be read; 0 if it never had one. */
  end(topic: string, partition: number): number {
    return this.ends.get(partitionName(topic, partition)) ?? 0;
  }

  /** Removes the files whose records are below the first needed offsets. */
  async trim(topic: string, partition: number, below: number): Promise<void> {
    this.needed.set(partitionName(topic, partition), below);
    for (
      let first = this.segments[0];
      first && this.segments.length > 1;
      first = this.segments[0]
    ) {
      if (!first.isBelow((name) => this.needed.get(name) ?? 0)) return;
      // First: if it fails, the file is still open, and the next call tries again.
      this.folder.remove(first.name);
      this.segments.shift();
      first.file.close();
    }
  }

  onAppend(listener: AppendListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Resolves when all appends have ended; refuses later ones. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.idle;
    for (const { file } of this.segments) file.close();
  }

  private reserveOffset(topic: string, partition: number): number {
    const name = partitionName(topic, partition);
    const offset = this.nextOffsets.get(name) ?? 0;
    this.nextOffsets.set(name, offset + 1);
    return offset;
  }

  private async writeGroups(): Promise<void> {
    this.isWriting = true;
    // The appends of one turn of the event loop share the first group.
    await Promise.resolve();
    while (!this.waiting.isEmpty) {
      const group = this.waiting;
      this.waiting = new AppendGroup();
      try {
        await this.write(group.records);
        group.resolve();
      } catch (error) {
        group.reject(asLikestreamError(error, 'log_unavailable'));
      }
    }
    this.isWriting = false;
  }

  private async write(records: GroupRecords): Promise<void> {
    const segment = await this.writableSegment();
    const position = segment.file.size;
    this.isDamaged = true;
    await segment.file.append(encodeGroup(records));
    this.isDamaged = false;
    segment.add(records, position);
    this.cache.add(segment, position, records);
    this.noteEnds(this.ends, records);
    for (const name of records.keys()) {
      const { partition, topic } = partitionIn(name);
      for (const listener of this.listeners) listener(topic, partition);
    }
  }

  private async writableSegment(): Promise<Segment> {
    const last = this.lastSegment;
    // A failed append may have left a part of its group.
    if (this.isDamaged) last.file.repair();
    this.isDamaged = false;
    if (last.file.size < this.segmentBytes) return last;
    const name = String(Number(last.name) + 1).padStart(NAME_DIGITS, '0');
    const file = this.folder.open(name);
    try {
      // An earlier try may have left a part of the first group.
      file.truncate(0);
      await file.append(encodeGroup(this.endRecords()));
    } catch (error) {
      // The next try opens it again: on a full disk, descriptors would run out soon.
      file.close();
      throw error;
    }
    const segment = new Segment(name, file);
    this.segments.push(segment);
    return segment;
  }

  private get lastSegment(): Segment {
    const last = this.segments.at(-1);
    if (!last) throw new LikestreamError('internal', 'the log has no file');
    return last;
  }

  private endRecords(): GroupRecords {
    return new Map(
      [...this.ends].map(([name, offset]) => {
        const record = { ...partitionIn(name), offset, appendedAt: 0, key: '', value: '' };
        return [name, [record]] as const;
      }),
    );
  }

  private openSegment(name: string, isLast: boolean): void {
    const segment = new Segment(name, this.folder.open(name));
    segment.scan(isLast, (records, position) => {
      segment.add(records, position);
      this.noteEnds(this.nextOffsets, records);
      this.noteEnds(this.ends, records);
    });
    this.segments.push(segment);
  }

  // The process was killed before the file had the ends of all partitions. The next append begins
  // it again: without these, offsets would be assigned twice once the files before are removed.
  private dropHeadless(): void {
    const last = this.segments.at(-1);
    if (this.segments.length === 1 || last?.file.size !== 0) return;
    this.segments.pop();
    last.file.close();
    this.folder.remove(last.name);
  }

  private noteEnds(ends: Map<string, number>, records: GroupRecords): void {
    for (const [name, ofPartition] of records) {
      const last = ofPartition.at(-1);
      if (last) ends.set(name, last.key === '' ? last.offset : last.offset + 1);
    }
  }
}
