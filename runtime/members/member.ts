import type { ClaimedRights } from '../../schemas/rights';

/** The difference of two clocks that is accepted: a token is valid for this long after its end. */
export const LEEWAY_MS = 5_000;

/** Who sends a request. */
export interface Member {
  readonly id: string;
  readonly rights: ClaimedRights;
  /** When the token ends, ms since the epoch; undefined if it never ends. */
  readonly expiresAt?: number | undefined;
  /** When the token was issued, ms since the epoch, if it says so. */
  readonly issuedAt?: number | undefined;
  /** The client's address, or its network (`clientAddress`); undefined if it is unknown. */
  readonly address?: string | undefined;
  /** Whether the request had no token. */
  readonly isAnonymous: boolean;
  /** Whether the id was made for this request, so that the client may not know it. */
  readonly isNew?: boolean | undefined;
}
