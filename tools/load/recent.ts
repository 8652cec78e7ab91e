const KEPT_ENTRIES = 8;

interface Entry<T> {
  readonly text: string;
  readonly value: T;
}

/** The last few texts and what they meant. Looking one up costs a comparison or two, no hash. */
export class Recent<T> {
  private readonly entries: Entry<T>[] = [];
  private newest = 0;

  /** What was kept for exactly this text. */
  find(text: string): T | undefined {
    for (let back = 0; back < this.entries.length; back += 1) {
      const entry = this.entries[(this.newest - back + KEPT_ENTRIES) % KEPT_ENTRIES];
      if (entry !== undefined && entry.text === text) {
        return entry.value;
      }
    }
    return undefined;
  }

  /** Keeps a text, in the place of the oldest one. */
  keep(text: string, value: T): void {
    this.newest = (this.newest + 1) % KEPT_ENTRIES;
    this.entries[this.newest] = { text, value };
  }
}
