import type { Session } from './session';

/** The open streams by member. Most members have one, so only several need a set. */
export class MemberIndex {
  private readonly streams = new Map<string, Session | Set<Session>>();

  add(session: Session): void {
    const { memberId } = session;
    const there = this.streams.get(memberId);
    if (there instanceof Set) there.add(session);
    else this.streams.set(memberId, there ? new Set([there, session]) : session);
  }

  delete(session: Session): void {
    const { memberId } = session;
    const there = this.streams.get(memberId);
    if (there === session) this.streams.delete(memberId);
    if (!(there instanceof Set)) return;
    there.delete(session);
    const [last] = there;
    if (last && there.size === 1) this.streams.set(memberId, last);
  }

  /** A member's streams. */
  of(memberId: string): readonly Session[] {
    const there = this.streams.get(memberId);
    if (there === undefined) return [];
    return there instanceof Set ? [...there] : [there];
  }
}
