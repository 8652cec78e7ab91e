import type { Clock } from '../../runtime/clock';

/** A member that was not heard of for so long has left. */
export const SESSION_MS = 6_000;

/** The coordinator of a consumer group: which live member owns which partition. */
export class EmbeddedGroup {
  private readonly deadlines = new Map<string, number>();

  constructor(
    private readonly clock: Clock,
    private readonly partitions: number,
  ) {}

  /** Says that the member lives, and gives the partitions that are its own now. */
  beat(member: string): readonly number[] {
    this.deadlines.set(member, this.clock.monotonic() + SESSION_MS);
    const all = Array.from({ length: this.partitions }, (_, partition) => partition);
    return all.filter((partition) => this.owns(member, partition));
  }

  /** The member goes, and its partitions with it. */
  leave(member: string): void {
    this.deadlines.delete(member);
  }

  /** Whether the partition is the member's own. */
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
