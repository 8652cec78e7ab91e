const KEPT_ENTRIES = 8;

interface Entry<T> {
  readonly text: string;
  readonly value: T;
}

/** A cache of the last few texts; a look-up compares texts and needs no hash. */
export class Recent<T> {
  private readonly entries: Entry<T>[] = [];
  private newest = 0;

  /** The value of exactly this text. */
  find(text: string): T | undefined {
    for (let back = 0; back < this.entries.length; back += 1) {
      const entry = this.entries[(this.newest - back + KEPT_ENTRIES) % KEPT_ENTRIES];
      if (entry !== undefined && entry.text === text) {
        return entry.value;
      }
    }
    return undefined;
  }

  /** Adds a text in place of the oldest one. */
  keep(text: string, value: T): void {
    this.newest = (this.newest + 1) % KEPT_ENTRIES;
    this.entries[this.newest] = { text, value };
  }
}
