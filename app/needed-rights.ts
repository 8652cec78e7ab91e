import type { NeededRights, Right } from '../adapters/kafka/topics/rights';
import { momentTopics } from './moment-topics';
import type { OwnGeneration } from './own-generation';
import type { ProcessContext } from './process-context';

/** What the roles of a process need: producers write logs, dispatchers read them in a group. */
export function neededRights(
  { origin, topicPlan, topics }: Pick<OwnGeneration, 'origin' | 'topicPlan' | 'topics'>,
  context: Pick<ProcessContext, 'names' | 'settings' | 'types'>,
): NeededRights {
  const { names, settings, types } = context;
  const { ROLE = [] } = settings;
  const isDispatcher = ROLE.includes('dispatcher');
  const { mirrored = [], moments = [], names: all } = topicPlan;
  const momentsOf = momentTopics(context);
  const rightsOf = (topic: string): Right[] => {
    if (mirrored.includes(topic)) return isDispatcher ? ['Read'] : [];
    const isWritten = topics.includes(topic) ? ROLE.includes('producer') : isDispatcher;
    const isRead = topics.includes(topic) && isDispatcher;
    return [...(isRead ? (['Read'] as const) : []), ...(isWritten ? (['Write'] as const) : [])];
  };
  const momentRightsOf = (topic: string): Right[] => {
    // Dispatchers send heartbeats and values to peers.
    const isWritten = isDispatcher ? settings.PEER_DATACENTERS.length > 0 : false;
    const isOwn = topic === momentsOf?.own;
    const isSent = isOwn && (isWritten || (momentsOf.hasMoments && ROLE.includes('producer')));
    return [...(isDispatcher ? (['Read'] as const) : []), ...(isSent ? (['Write'] as const) : [])];
  };
  const groups = types.logged.map(({ name }) => names.group(origin, name));
  if (momentsOf) groups.push(names.momentsGroup(settings.DATACENTER));
  return {
    topics: new Map([
      ...all.map((topic) => [topic, rightsOf(topic)] as const),
      ...moments.map((topic) => [topic, momentRightsOf(topic)] as const),
    ]),
    groups: isDispatcher ? groups : [],
  };
}
