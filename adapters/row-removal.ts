/** Removes the bodies of entries of one event type. */
export interface RowRemoval {
  /**
   * Clears the bodies of entries in all logs and marks the entries as deleted, whether they are
   * stored already or not: a later insert stores no body. Only for types with `isDeletable`.
   * Idempotent. Rejects with `store_unavailable`.
   */
  remove(channel: string, ids: readonly string[]): Promise<void>;
}
