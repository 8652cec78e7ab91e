import type { NeededRights, Right } from '../adapters/kafka/topics/rights';
import type { OwnGeneration } from './own-generation';
import type { ProcessContext } from './process-context';

/** What the roles of a process need: producers write logs, dispatchers read them in a group. */
export function neededRights(
  { origin, topicPlan, topics }: Pick<OwnGeneration, 'origin' | 'topicPlan' | 'topics'>,
  { names, settings, types }: Pick<ProcessContext, 'names' | 'settings' | 'types'>,
): NeededRights {
  const { ROLE = [] } = settings;
  const isDispatcher = ROLE.includes('dispatcher');
  const { mirrored = [], names: all } = topicPlan;
  const rightsOf = (topic: string): Right[] => {
    if (mirrored.includes(topic)) return isDispatcher ? ['Read'] : [];
    const isWritten = topics.includes(topic) ? ROLE.includes('producer') : isDispatcher;
    const isRead = topics.includes(topic) && isDispatcher;
    return [...(isRead ? (['Read'] as const) : []), ...(isWritten ? (['Write'] as const) : [])];
  };
  return {
    topics: new Map(all.map((topic) => [topic, rightsOf(topic)])),
    groups: isDispatcher ? types.logged.map(({ name }) => names.group(origin, name)) : [],
  };
}
