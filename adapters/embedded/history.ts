import { asLikestreamError } from '../../schemas/errors';
import type { History, HistoryRange, HistoryRow } from '../history';
import type { Database, Json } from './database';

/** Offsets have so many digits in keys, so that keys are in the order of the offsets. */
const OFFSET_DIGITS = 16;

/** A row as it is stored; its offset is the end of its key. */
type Stored = readonly [number: number, id: string, isDeletion: boolean];

/** The histories of one event type in the database: `history/TYPE/CHANNEL/ORIGIN/OFFSET`. */
export class EmbeddedHistory implements History {
  constructor(
    private readonly database: Database,
    private readonly type: string,
  ) {}

  async write(channel: string, origin: string, rows: readonly HistoryRow[]): Promise<void> {
    if (rows.length === 0) return;
    const prefix = this.prefixOf(channel, origin);
    const changes = rows.map(({ id, isDeletion, number, offset }) => {
      const value: Json[] = [number, id, isDeletion];
      return { key: prefix + digitsOf(offset), value };
    });
    try {
      await this.database.write(changes);
    } catch (error) {
      throw asLikestreamError(error, 'store_unavailable');
    }
  }

  async oldest(range: HistoryRange): Promise<readonly HistoryRow[]> {
    return this.read(range, false);
  }

  async newest(range: HistoryRange): Promise<readonly HistoryRow[]> {
    return this.read(range, true);
  }

  private read({ after, before, channel, limit, origin }: HistoryRange, reverse: boolean) {
    const prefix = this.prefixOf(channel, origin);
    const from = after === undefined ? prefix : prefix + digitsOf(after + 1);
    // `:` is the character after `9`.
    const to = before === undefined ? `${prefix}:` : prefix + digitsOf(before);
    if (from >= to || limit <= 0) return [];
    const found = this.database.range({ from, to, limit, reverse });
    return [...found].map(({ key, value }) => rowIn(key, value as unknown as Stored));
  }

  private prefixOf(channel: string, origin: string): string {
    return `history/${this.type}/${channel}/${origin}/`;
  }
}

function digitsOf(offset: number): string {
  return String(Math.max(offset, 0)).padStart(OFFSET_DIGITS, '0');
}

function rowIn(key: string, [number, id, isDeletion]: Stored): HistoryRow {
  return { offset: Number(key.slice(-OFFSET_DIGITS)), number, id, isDeletion };
}
