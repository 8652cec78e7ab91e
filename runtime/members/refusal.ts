/** Why a request was refused, by the name that stands in log lines and metrics. */
export const REASONS = {
  missing: 'a token is needed',
  malformed: 'the token is not a signed JWT',
  wrong_key: 'the token is signed by none of the keys',
  expired: 'the token has expired',
  not_yet_valid: 'the token is not valid yet',
  wrong_issuer: 'the token is from another issuer',
  wrong_audience: 'the token is for another audience',
  no_expiry: 'the token has no exp',
  no_member: 'the token names no member',
  malformed_rights: 'the claim likestream of the token is malformed',
} as const;

export type Reason = keyof typeof REASONS;

/** Reports a refused request of an address. */
export type ReportRefusal = (reason: Reason, address: string) => void;

export interface Refusal {
  readonly reason: Reason;
  /** How long ago the token has expired, ms; only with `expired`. */
  readonly expiredMs?: number | undefined;
}
