import { FileLog } from '../../../../adapters/embedded/file-log/file-log';
import { virtualTime } from '../../../contract/time';
import { VirtualClock } from '../../../simulation/virtual-clock';
import { MemoryDisk } from './memory-disk';

export const TOPIC = 'likes';
/** The size after which a file gets no more groups. */
export const SMALL_BYTES = 400;

/** A disk in memory, and logs on it with small files. */
export function openMemory() {
  const clock = new VirtualClock();
  const disk = new MemoryDisk(clock);
  const open = () => new FileLog(disk.mount(), clock, SMALL_BYTES);
  return { disk, open, time: virtualTime(clock) };
}

export const entry = (value: string, partition = 0) => ({ key: 'video:1', partition, value });
export const valuesOf = (log: FileLog, partition = 0, from = 0) =>
  log.read(TOPIC, partition, from, 1_000).map(({ value }) => value);
