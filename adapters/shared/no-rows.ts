import type { FoundEntry, Offsets, RowStore } from '../row-store';

/** The rows of a type that has none: only its log and its saved states are kept. */
export class NoRows implements RowStore {
  async insert(): Promise<void> {}

  async find(): Promise<readonly FoundEntry[]> {
    return [];
  }

  async offsets(): Promise<ReadonlyMap<string, Offsets>> {
    return new Map();
  }

  async withdraw(): Promise<void> {}

  async remove(): Promise<void> {}
}
