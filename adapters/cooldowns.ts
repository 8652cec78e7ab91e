/** A time in which something happens at most once, as a member's comment in slow mode. */
export interface Cooldown {
  /** What is limited: any text. */
  readonly name: string;
  /** The request that asks; a repeated request has the same one. */
  readonly holder: string;
}

/**
 * Limits how often something happens, over all processes of a datacenter. Neither method rejects:
 * while the directory is unavailable nothing is limited, because a limit must not refuse everyone.
 */
export interface Cooldowns {
  /**
   * Begins a cooldown of `ms`, and resolves with 0. Resolves with the ms that are left if another
   * holder has begun it; with 0 if the same holder has.
   */
  begin(cooldown: Cooldown, ms: number): Promise<number>;
  /** Ends a cooldown that this holder has begun, because what it was for did not happen. */
  end(cooldown: Cooldown): Promise<void>;
}
