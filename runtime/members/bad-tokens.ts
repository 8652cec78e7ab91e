import { LikestreamError } from '../../schemas/errors';
import type { Allowances } from '../limits/allowances';
import { RATES } from '../limits/catalogue';
import type { Member } from './member';
import type { Refusal } from './refusal';

/** Verifies a token; calls `beforeNew` first if it does not remember the token. */
export type Verify = (beforeNew: () => void) => Promise<Member | Refusal>;

/**
 * Bounds the refused tokens of each address in this process, because to verify one costs more than
 * to refuse a request. Remembered tokens are not counted, so members behind the same address whose
 * tokens were verified before are not hindered. A token counts while it is verified, so that many
 * at the same time cannot pass.
 */
export class BadTokens {
  constructor(
    private readonly allowances: Allowances,
    private readonly limited: () => void,
  ) {}

  /** Verifies a token of an address; rejects with `too_many_requests` if too many were refused. */
  async verify(address: string, verify: Verify): Promise<Member | Refusal> {
    let [isCounted, isRefused] = [false, false];
    try {
      const found = await verify(() => {
        this.take(address);
        isCounted = true;
      });
      isRefused = !('id' in found);
      return found;
    } finally {
      if (isCounted && !isRefused) this.allowances.giveBack(address);
    }
  }

  private take(address: string): void {
    const retryAfterMs = this.allowances.take(address);
    if (retryAfterMs === 0) return;
    this.limited();
    const detail = `${RATES.bad_tokens.text}: ${this.allowances.perS}`;
    throw new LikestreamError('too_many_requests', detail, { retryAfterMs });
  }
}
