import { Attendance } from './attendance';
import type { Datacenters } from './datacenters';
import type { FaultKind, Faults } from './fault-kinds';
import { CONVERSATION, MEMBERS } from './people';
import type { Seeded } from './seeded';
import type { SimulatedViewer } from './viewer';

/** Members are away within the grace, or for longer, or for good. */
const SHORT_MS = 4_000;
const LONG_MS = 16_000;
const MAX_GONE = 4;

/**
 * Typing may be shown this long after it was sent: it is dropped after 5 s, may wait for a halted
 * frontend, and is shown for 5 s.
 */
const TYPING_MS = 21_000;

/** Nothing waits longer than a moment in runs with no other faults than these. */
const PROMPT: Faults = new Set<FaultKind>(['kill', 'crash']);

/** There, a stream that shows the conversation is sent no older moments than this. */
const PROMPT_TYPING_MS = 6_500;

/** A stream is sent what is shown when it opens, up to this much later. */
const OPENED_MS = 1_000;
const SHOWN_MS = 5_000;

/** With these faults, workers may report too late after Redis lost its values. */
const LATE_REPORTS: readonly FaultKind[] = ['network', 'redis-older', 'redis-promoted'];

export interface MembersOptions {
  readonly all: Datacenters;
  readonly faults: Faults;
  readonly random: Seeded;
  readonly viewers: () => readonly SimulatedViewer[];
  /** Called with each violation of the promise. */
  readonly violation: (what: string) => void;
}

/** What members do besides writing, and what viewers may be shown of it. */
export class Members {
  private readonly attendance: Attendance;
  private readonly gone = new Set<string>();
  /** By member, when it was typing last; monotonic ms. */
  private readonly typedAt = new Map<string, number>();

  constructor(private readonly options: MembersOptions) {
    const { all, faults, viewers } = options;
    this.attendance = new Attendance(all.clock, viewers);
    if (!LATE_REPORTS.some((kind) => faults.has(kind))) return;
    for (const { servers } of all.worlds) servers.onRedisReady(() => this.attendance.redisLost());
  }

  /** A member closes all its streams, for a time or for good. */
  depart(): void {
    const { random, viewers } = this.options;
    const member = random.pick(MEMBERS);
    const isForGood = random.once(4) && this.gone.size < MAX_GONE;
    const ms = random.below(random.once(2) ? SHORT_MS : LONG_MS);
    if (this.gone.has(member)) return;
    if (isForGood) this.gone.add(member);
    for (const viewer of viewers()) {
      if (viewer.memberId === member) viewer.depart(isForGood ? Number.POSITIVE_INFINITY : ms);
    }
  }

  /** A member is typing in the conversation. */
  type(): void {
    const { all, random } = this.options;
    const { process, moments } = random.pick(random.pick(all.worlds).producers);
    const memberId = random.pick(MEMBERS);
    if (!process.runs) return;
    this.typedAt.set(memberId, all.clock.monotonic());
    const moment = { channel: CONVERSATION, type: 'typing', memberId, value: {} };
    process.within(() => moments.send([moment])).catch(() => undefined);
  }

  /** Checks that a viewer may be shown that a member is offline. */
  shownOffline(viewer: string, memberId: string, datacenter: string): void {
    if (!this.attendance.isFlicker(memberId, datacenter)) return;
    const where = `which has streams in ${datacenter}`;
    this.options.violation(`${viewer} is shown that ${memberId} is offline, ${where}`);
  }

  /** Checks that a viewer may be shown that a member is typing. */
  shownTyping(viewer: string, memberId: string, openMs: number): void {
    const typedAt = this.typedAt.get(memberId) ?? Number.NEGATIVE_INFINITY;
    if (this.options.all.clock.monotonic() - typedAt <= this.maxTypingMs(openMs)) return;
    this.options.violation(`${viewer} is shown that ${memberId} types, long after it did`);
  }

  private maxTypingMs(openMs: number): number {
    if (![...this.options.faults].every((kind) => PROMPT.has(kind))) return TYPING_MS;
    return openMs > OPENED_MS ? PROMPT_TYPING_MS : PROMPT_TYPING_MS + SHOWN_MS;
  }

  /** Ends the checks of what may be shown. */
  close(): void {
    this.attendance.close();
  }
}
