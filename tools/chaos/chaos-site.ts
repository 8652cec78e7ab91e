import type { Supervised } from './supervisor';

/** The system under test, in one datacenter or several. */
export interface ChaosSite {
  readonly token: string;
  /** Every process, restarted if it ends by itself. */
  readonly processes: readonly Supervised[];
  /** The processes to which viewers connect, and to which likes are posted. */
  readonly roles: Readonly<Record<'frontend' | 'producer', readonly { readonly url: string }[]>>;
  /** The reaction of each of a video's rows, by its id; rejects if stores differ at rest. */
  reactions(video: string): Promise<ReadonlyMap<string, string>>;
  /** Whether a like may be accepted in two datacenters: then totals may step back. */
  readonly mayStepBack?: boolean;
  /** Whether the counts of each reaction are compared, not only totals. */
  readonly comparesReactions?: boolean;
}
