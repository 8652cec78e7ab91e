import type { FoundEntry, RowStore } from '../adapters/row-store';
import { compareOrigins } from '../schemas/origins';
import { parseVectorText } from '../schemas/place';
import type { PageRow, RowReader } from './history-rows';

/** What a page has of one row of a history. */
export interface PageItem {
  readonly row: PageRow;
  /** The entry, or for a deletion the deleted entry if it is known. */
  readonly entry: FoundEntry | undefined;
  /** Whether the entry is deleted. */
  readonly isDeleted: boolean;
}

/** Reads the bodies of rows, and knows which entries are deleted. */
export interface PageEntries {
  readonly store: Pick<RowStore, 'find'>;
  readonly channel: string;
  /** Whether pages show deletions; if not, their entries are not looked up. */
  readonly showsDeletions: boolean;
  /** Ids that the newest states say are deleted: their rows may not say it yet. */
  readonly deletedIds: ReadonlySet<string>;
  /** The entry that the newest states have of an id: its row may not be in the store yet. */
  recent(id: string): FoundEntry | undefined;
}

export interface CursorOptions {
  readonly origin: string;
  /** Reads the rows; undefined if there are none to read. */
  readonly reader: RowReader | undefined;
  readonly entries: PageEntries;
  /** The cursor ends before a row with this offset or a greater one. */
  readonly end: number;
  /** Whether a page has nothing for an item, which is then passed over. */
  readonly isSilent: (item: PageItem) => boolean;
}

/** Walks over the history of one origin, for one page. */
export class HistoryCursor {
  /** The offset of the last row that was passed; undefined before the first one. */
  position: number | undefined;
  /** The number of rows that were read. */
  rowsRead = 0;
  /** The items that were read and not passed, and whether a page has nothing for them. */
  private readonly items: { readonly item: PageItem; readonly isSilent: boolean }[] = [];
  private rest: 'open' | 'ended' | 'blocked';

  constructor(private readonly options: CursorOptions) {
    this.rest = options.reader ? 'open' : 'ended';
  }

  get origin(): string {
    return this.options.origin;
  }

  /** The next item that a page shows, among those that were read. */
  get head(): PageItem | undefined {
    while (this.items[0]?.isSilent) this.pass();
    return this.items[0]?.item;
  }

  /** Whether there is a next item, or else what comes after those that were read. */
  get state(): 'ready' | 'open' | 'ended' | 'blocked' {
    return this.head ? 'ready' : this.rest;
  }

  /** Reads up to `limit` more rows. */
  async fill(limit: number): Promise<void> {
    const { end, isSilent, reader } = this.options;
    if (!reader) return;
    const read = await reader.read(limit);
    this.rowsRead += read.length;
    const rows = read.filter(({ offset }) => offset < end);
    const items = await this.resolve(rows);
    const unreadable = items.findIndex(isUnreadable);
    const readable = unreadable < 0 ? items : items.slice(0, unreadable);
    for (const item of readable) this.items.push({ item, isSilent: isSilent(item) });
    if (unreadable >= 0) this.rest = 'blocked';
    else if (rows.length < read.length || reader.isEnded) this.rest = 'ended';
    else if (reader.isBlocked) this.rest = 'blocked';
  }

  /** Passes the next item. */
  pass(): void {
    this.position = this.items.shift()?.item.row.offset ?? this.position;
  }

  /**
   * Whether the copy can be the one that counts, as far as a row of this origin shows. The replica
   * may not have the row's own copy yet. If it took a copy of a later origin for the counted one,
   * and a page took this one for it, walks would have neither.
   */
  private mayCount(entry: FoundEntry, { isDeletion }: PageRow): boolean {
    const [counted = ''] = placeIn(entry);
    return isDeletion || compareOrigins(counted, this.origin) <= 0;
  }

  private async resolve(rows: readonly PageRow[]): Promise<PageItem[]> {
    const { entries: of } = this.options;
    const shown = of.showsDeletions ? rows : rows.filter(({ isDeletion }) => !isDeletion);
    const ids = [...new Set(shown.map(({ id }) => id))];
    const found = new Map<string, FoundEntry>();
    const entries = ids.length > 0 ? await of.store.find(of.channel, ids) : [];
    for (const entry of entries) found.set(entry.id, entry);
    return rows.map((row) => {
      const stored = found.get(row.id);
      const entry = [stored, of.recent(row.id)].find((each) => each && this.mayCount(each, row));
      const isDeleted = row.isDeletion || of.deletedIds.has(row.id) || stored?.isDeleted === true;
      return { row, entry, isDeleted };
    });
  }
}

/** The place of the copy of an entry that counts. */
export function placeIn(
  entry: FoundEntry | undefined,
): readonly [origin?: string, offset?: number] {
  const [place = []] = parseVectorText(entry?.place ?? '') ?? [];
  return place;
}

/** A deleted entry needs no row: a page shows its id alone. */
function isUnreadable({ entry, isDeleted }: PageItem): boolean {
  return !entry && !isDeleted;
}
