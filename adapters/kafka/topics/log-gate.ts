import type { Admin } from 'kafkajs';
import { MESSAGE_BYTES, setTopicSetting } from './topic-settings';

const LIMIT = 'max.message.bytes';

/** The setting of a closed topic. */
export const CLOSED = { name: LIMIT, value: '0' };

/**
 * Closes a topic until it is opened: Kafka then refuses every append, even of a producer that was
 * suspended before the drain. Resolves with whether Kafka allows that.
 */
export function closeTopic(
  admin: Pick<Admin, 'describeConfigs' | 'alterConfigs'>,
  topic: string,
): Promise<boolean> {
  return setTopicSetting(admin, topic, LIMIT, CLOSED.value);
}

/** Opens a closed topic. Resolves with whether Kafka allows that. */
export function openTopic(
  admin: Pick<Admin, 'describeConfigs' | 'alterConfigs'>,
  topic: string,
): Promise<boolean> {
  return setTopicSetting(admin, topic, LIMIT, String(MESSAGE_BYTES));
}
