/** Limits how often something happens, over all processes of a datacenter. */
export interface Cooldowns {
  /**
   * Resolves with true at most once in `ms` for a name. Resolves with true while the directory is
   * unavailable, too: a limit must not refuse everyone.
   */
  begin(name: string, ms: number): Promise<boolean>;
}
