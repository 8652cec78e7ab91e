import type { Allowances } from '../runtime/limits/allowances';
import { type LimitName, RATES, type RateName } from '../runtime/limits/catalogue';
import { SeenNames } from '../runtime/limits/seen-names';
import type { Member } from '../runtime/members/member';
import type { Members } from '../runtime/members/members';
import { LikestreamError } from '../schemas/errors';
import type { LoggedType } from '../schemas/event-type';

/** The rates that producers limit. */
const NAMES = ['entries', 'texts', 'published', 'signals', 'requests', 'names'] as const;

export interface RequestLimitsOptions {
  /** What is granted of a limit; undefined if there is none. */
  readonly allowancesOf: (name: RateName) => Allowances | undefined;
  /** Called for each refusal. */
  readonly limited: (limit: LimitName) => void;
  /** Whether an address is that of a client; if not, new names are the member's. */
  readonly knowsAddresses?: boolean;
  readonly seen?: SeenNames;
}

/** Whose requests are limited. */
export type Sender = Pick<Member, 'address' | 'id' | 'isNew'>;

/**
 * The limits of requests to a producer. A refused request has no effect: nothing of it is accepted.
 * Throws `too_many_requests`, with the time after which there is room.
 */
export class RequestLimits {
  private readonly allowances: ReadonlyMap<RateName, Allowances>;
  private readonly seen: SeenNames;

  constructor(private readonly options: RequestLimitsOptions) {
    const { allowancesOf, seen = new SeenNames() } = options;
    this.seen = seen;
    this.allowances = new Map(
      NAMES.flatMap((name) => {
        const allowances = allowancesOf(name);
        return allowances ? [[name, allowances] as const] : [];
      }),
    );
  }

  /** The members, each of whose requests counts for its address. */
  counting(members: Members): Members {
    if (!this.allowances.has('requests')) return members;
    return {
      memberOf: async (ctx, at) => {
        const member = await members.memberOf(ctx, at);
        this.take('requests', addressKey(member));
        return member;
      },
    };
  }

  /** Counts the entries of one request for a channel. */
  requireEntries(type: LoggedType, channel: string, sender: Sender, entries = 1): void {
    this.take(rateNameOf(type), senderKey(sender), entries);
    // The request itself is counted already.
    if (entries > 1) this.take('requests', addressKey(sender), entries - 1);
    this.requireName(channel, sender);
  }

  /** Counts a moment, as that a member is typing. */
  requireMoment(channel: string, sender: Sender): void {
    this.take('signals', senderKey(sender));
    this.requireName(channel, sender);
  }

  /** Each new channel name adds states, rows and records, which are never removed. */
  private requireName(channel: string, sender: Sender): void {
    if (!this.allowances.has('names') || this.seen.has(channel)) return;
    const { knowsAddresses = true } = this.options;
    const address = knowsAddresses ? addressKey(sender) : undefined;
    this.take('names', address ?? senderKey(sender));
    this.seen.add(channel);
  }

  private take(name: RateName, key: string | undefined, cost = 1): void {
    const allowances = key !== undefined && this.allowances.get(name);
    if (!allowances) return;
    const retryAfterMs = allowances.take(key, cost);
    if (retryAfterMs === 0) return;
    this.options.limited(name);
    const detail = `${RATES[name].text}: ${allowances.perS}`;
    throw new LikestreamError('too_many_requests', detail, { retryAfterMs });
  }
}

/** Limits nothing. */
export const UNLIMITED = new RequestLimits({
  allowancesOf: () => undefined,
  limited: () => undefined,
});

function rateNameOf({ hasHistory, right, rows }: LoggedType): RateName {
  if (right === 'publish') return 'published';
  if (rows === 'none') return 'signals';
  return hasHistory ? 'texts' : 'entries';
}

/** A client that keeps no cookie is another member each time, and is known by its address. */
function senderKey(sender: Sender): string {
  return (sender.isNew && addressKey(sender)) || sender.id;
}

/** No member's id begins so. */
function addressKey({ address }: Sender): string | undefined {
  return address === undefined ? undefined : `@${address}`;
}
