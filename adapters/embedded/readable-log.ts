import type { LogRecord } from '../log-source';

/** A log, as its readers see it. */
export interface ReadableLog {
  /** At most `limit` records of a partition from offset `from` on; offsets may have gaps. */
  read(topic: string, partition: number, from: number, limit: number): readonly LogRecord[];
  /** The offset after the last record that can be read; undefined if that is not known. */
  end(topic: string, partition: number): number | undefined;
  /** Allows the log to remove the records of a partition below an offset, now or later. */
  trim(topic: string, partition: number, below: number): Promise<void>;
  /** Calls `listener` for each partition with new records; the returned function removes it. */
  onAppend(listener: (topic: string, partition: number) => void): () => void;
}
