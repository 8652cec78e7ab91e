import { LikestreamError } from '../../../schemas/errors';
import type { KafkaSecurity } from '../client/security';
import { groupRights } from '../cluster/group-rights';
import { clusterView } from '../cluster/topic-metadata';

/** Rights, and their bits in Kafka's answers (AclOperation). */
const BITS = { Read: 3, Write: 4 } as const;

export type Right = keyof typeof BITS;

/** The answer of brokers before 2.3, which cannot list rights. */
const UNKNOWN = -(2 ** 31);

/** What a process needs: rights by topic, and the groups that it joins. */
export interface NeededRights {
  readonly topics: ReadonlyMap<string, readonly Right[]>;
  readonly groups: readonly string[];
}

/**
 * Asks the brokers for our own rights. Rejects with `log_unavailable` and one line that names all
 * missing ones, before the first entry is refused for want of them.
 */
export async function requireRights(
  brokers: readonly string[],
  { groups, topics }: NeededRights,
  security?: KafkaSecurity,
): Promise<void> {
  const views = brokers.map((broker) => clusterView(broker, [...topics.keys()], security));
  const view = await Promise.any(views);
  const missing = view.topics.flatMap(({ rights, topic }) =>
    lacking(rights, topics.get(topic) ?? []).map((right) => `${right} on ${topic}`),
  );
  if (groups.length > 0) {
    // A group's coordinator may be any broker; one that does not answer delays nothing.
    const asked = [...view.brokers.values()].map((broker) => groupRights(broker, groups, security));
    for (const answer of await Promise.allSettled(asked)) {
      if (answer.status === 'rejected') continue;
      const refused = [...answer.value].filter(
        ([, rights]) => lacking(rights, ['Read']).length > 0,
      );
      missing.push(...refused.map(([group]) => `Read on the group ${group}`));
    }
  }
  if (missing.length > 0) throw missingRight([...new Set(missing)].join(', '));
}

function lacking(rights: number, needed: readonly Right[]): readonly Right[] {
  return rights === UNKNOWN ? [] : needed.filter((right) => ((rights >> BITS[right]) & 1) === 0);
}

/** The error of a missing right; `right` names it and the topics. */
export function missingRight(right: string, cause?: unknown): LikestreamError {
  return new LikestreamError(
    'log_unavailable',
    `Kafka does not allow ${right}: grant it to KAFKA_USERNAME, see docs/operating.md, rights`,
    { cause },
  );
}

/** Whether Kafka refuses a request for want of a right; also of one topic among several. */
export function isNotAllowed(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { errors = [], type } = error as { errors?: readonly unknown[]; type?: unknown };
  return String(type).endsWith('AUTHORIZATION_FAILED') || errors.some(isNotAllowed);
}
