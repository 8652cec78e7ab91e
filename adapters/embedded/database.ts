/** JSON as the database keeps it. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json };

/** One change of a write; without `value` the key is removed. */
export interface Change {
  readonly key: string;
  readonly value?: Json;
  /** Asked inside the transaction when the key is there already: false leaves it as it is. */
  readonly replaces?: (current: Json) => boolean;
}

/** Keys from `from` (included) to `to` (left out), in the order of their characters. */
export interface Range {
  readonly from: string;
  readonly to: string;
  readonly limit?: number;
  /** From the greatest key down. */
  readonly reverse?: boolean;
}

/** The embedded database: ordered keys, one process, group commit. */
export interface Database {
  get(key: string): Json | undefined;
  range(range: Range): Iterable<{ readonly key: string; readonly value: Json }>;
  /**
   * Applies all changes or none. Resolves once they are synced, and not before they can be read;
   * writes take effect in the order of their calls. Rejects when the disk does not take them.
   */
  write(changes: readonly Change[]): Promise<void>;
  close(): Promise<void>;
}
