import { MOMENTS } from '../schemas/names';
import type { ProcessContext } from './process-context';

/** The topics of moments that a process uses. */
export interface MomentTopics {
  /** The topic of our own datacenter: all generations of its log share it. */
  readonly own: string;
  /** By mirrored topic, the datacenter that has written it. */
  readonly peers: ReadonlyMap<string, string>;
  /** Whether producers write moments. */
  readonly hasMoments: boolean;
}

/** Generation 1 adds no number to a topic's name. */
const NO_GENERATION = 1;

/**
 * The topics of moments; undefined if no type needs them. Moments have one in any case, leased
 * types only if there are other datacenters.
 */
export function momentTopics({
  names,
  settings,
  types,
}: Pick<ProcessContext, 'names' | 'settings' | 'types'>): MomentTopics | undefined {
  const { PEER_DATACENTERS: peers } = settings;
  const hasMoments = types.moments.length > 0;
  if (!hasMoments && (types.leased.length === 0 || peers.length === 0)) return undefined;
  const own = names.topic(MOMENTS, NO_GENERATION);
  const mirrored = peers.map((peer) => [names.mirrored(peer, own), peer] as const);
  return { own, hasMoments, peers: new Map(mirrored) };
}
