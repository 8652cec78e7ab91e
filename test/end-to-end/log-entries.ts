import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { LogFile } from '../../adapters/embedded/file-log/log-folder';
import { Segment } from '../../adapters/embedded/file-log/segment';
import type { StoredEntry } from '../../adapters/row-store';
import { DEFAULT_NAMESPACE } from '../../schemas/names';

const entry = z.object({ id: z.string(), memberId: z.string(), at: z.int(), body: z.unknown() });
const record = z.object({ entries: z.array(entry) });

/** An entry of a channel in the log. */
export interface LoggedEntry extends StoredEntry {
  readonly channel: string;
}

/** The entries of a type in the log's files, in the order of each partition; changes nothing. */
export function loggedEntries(dataDir: string, type: string): LoggedEntry[] {
  const folder = join(dataDir, 'log');
  const names = existsSync(folder) ? readdirSync(folder).sort() : [];
  return names.flatMap((name) => entriesOf(new Segment(name, readOnly(join(folder, name))), type));
}

function entriesOf(segment: Segment, type: string): LoggedEntry[] {
  const found: LoggedEntry[] = [];
  segment.scan(true, (records) => {
    for (const { key: channel, offset, topic, value } of [...records.values()].flat()) {
      if (topic !== `${DEFAULT_NAMESPACE}.${type}` || channel === '') continue;
      const { entries } = record.parse(JSON.parse(value));
      found.push(...entries.map((entry) => ({ ...entry, channel, offset })));
    }
  });
  segment.file.close();
  return found;
}

function readOnly(path: string): LogFile {
  const descriptor = openSync(path, 'r');
  return {
    size: statSync(path).size,
    read(at, length) {
      const bytes = Buffer.alloc(length);
      return bytes.subarray(0, readSync(descriptor, bytes, 0, length, at));
    },
    append: () => Promise.reject(new Error('read-only')),
    repair: () => undefined,
    // A server may be writing the last group now.
    truncate: () => undefined,
    close: () => closeSync(descriptor),
  };
}
