/** A JSON value, as the database stores it. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json };

/** What a key has: JSON, or bytes. */
export type Value = Json | Buffer;

/** One change of a write; without `value` the key is removed. */
export interface Change {
  readonly key: string;
  readonly value?: Value;
  /** Called in the transaction if the key exists: false keeps the current value. */
  readonly replaces?: (current: Value) => boolean;
}

/** Keys from `from` (inclusive) to `to` (exclusive), in the order of their characters. */
export interface Range {
  readonly from: string;
  readonly to: string;
  readonly limit?: number;
  /** Whether the greatest key comes first. */
  readonly reverse?: boolean;
}

/** The embedded database: ordered keys, one process, group commit. */
export interface Database {
  get(key: string): Value | undefined;
  range(range: Range): Iterable<{ readonly key: string; readonly value: Value }>;
  /**
   * Applies all changes or none. Resolves once they are synced and can be read. Writes take effect
   * in the order of their calls. Rejects if the disk fails.
   */
  write(changes: readonly Change[]): Promise<void>;
  close(): Promise<void>;
}
