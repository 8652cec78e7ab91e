import { createHmac } from 'node:crypto';
import { type Fingerprint, type SipKey, sipHash } from './sip-hash';

export type { Fingerprint } from './sip-hash';

/** Channels whose keys are kept; if there are more, all are derived again. */
const MAX_KEYS = 50_000;

/**
 * The fingerprints of ids, by channel. Each channel has a key of its own, derived from the secret,
 * so a client can forge no collision, and an id costs no call of a library.
 */
export class Fingerprints {
  private readonly keys = new Map<string, SipKey>();

  constructor(private readonly secret: string) {}

  /** The fingerprint of an entry. */
  ofEntry(channel: string, entryId: string): Fingerprint {
    return sipHash(this.keyOf(channel), entryId);
  }

  /** The fingerprint of an entry's cancel. No entry has it, because no id has a space. */
  ofCancel(channel: string, entryId: string): Fingerprint {
    return sipHash(this.keyOf(channel), `${entryId} cancelled`);
  }

  private keyOf(channel: string): SipKey {
    return this.keys.get(channel) ?? this.derive(channel);
  }

  private derive(channel: string): SipKey {
    if (this.keys.size >= MAX_KEYS) this.keys.clear();
    const bytes = createHmac('sha256', this.secret).update(channel).digest();
    const key: SipKey = [
      ...([bytes.readInt32LE(0), bytes.readInt32LE(4)] as const),
      ...([bytes.readInt32LE(8), bytes.readInt32LE(12)] as const),
    ];
    this.keys.set(channel, key);
    return key;
  }
}
