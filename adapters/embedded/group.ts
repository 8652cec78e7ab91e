import type { Clock } from '../../runtime/clock';

/** A member without a beat for this long has left the group. */
export const SESSION_MS = 6_000;

/** The coordinator of a consumer group: which live member owns which partition. */
export class EmbeddedGroup {
  private readonly deadlines = new Map<string, number>();

  constructor(
    private readonly clock: Clock,
    private readonly partitions: number,
  ) {}

  /** Renews a member, and returns the partitions that it owns now. */
  beat(member: string): readonly number[] {
    this.deadlines.set(member, this.clock.monotonic() + SESSION_MS);
    const all = Array.from({ length: this.partitions }, (_, partition) => partition);
    return all.filter((partition) => this.owns(member, partition));
  }

  /** Removes a member; other members own its partitions then. */
  leave(member: string): void {
    this.deadlines.delete(member);
  }

  /** Whether the member owns the partition. */
  owns(member: string, partition: number): boolean {
    const live = [...this.deadlines.keys()].filter((id) => this.lives(id)).sort();
    return live[partition % live.length] === member;
  }

  private lives(member: string): boolean {
    const lives = (this.deadlines.get(member) ?? 0) > this.clock.monotonic();
    if (!lives) this.deadlines.delete(member);
    return lives;
  }
}
