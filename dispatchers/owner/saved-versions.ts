import type { State } from '../../schemas/state';

/**
 * Verifies that the states of our own origin are not ahead of its log. A saved state counts records
 * up to its version. If the log ends before that, it has lost counted records, and the next records
 * at those offsets would be taken for counted ones.
 */
export class SavedVersions {
  constructor(
    /** Datacenter and log generation, as in `dc1.1`. Other origins' versions are not compared. */
    private readonly origin: string,
    /** The greatest end of the log that is known. */
    private end: number,
    /**
     * Resolves with the log's end now; rejects with `log_mismatch` if that is before `known`. It is
     * asked, because an earlier owner may have read and saved further after this one began.
     */
    private readonly verifyEnd: (known: number) => Promise<number>,
  ) {}

  /** Notes that a record at this offset was read. */
  noteRead(offset: number): void {
    this.end = Math.max(this.end, offset + 1);
  }

  /** Rejects with `log_mismatch` if one of these states is ahead of the log. */
  async verify(states: readonly State[]): Promise<void> {
    const own = states.filter(({ origin }) => origin === this.origin);
    const known = Math.max(0, ...own.map(({ version }) => version + 1));
    if (known > this.end) this.end = await this.verifyEnd(known);
  }
}
