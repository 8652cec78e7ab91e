import type { Admin } from 'kafkajs';
import { MESSAGE_BYTES, setTopicSetting } from './topic-settings';

const LIMIT = 'max.message.bytes';

/**
 * Closes a topic for good or until it is opened: Kafka then refuses every append, even one of a
 * producer that was halted before the drain. Resolves with whether Kafka allows it.
 */
export function closeTopic(
  admin: Pick<Admin, 'describeConfigs' | 'alterConfigs'>,
  topic: string,
): Promise<boolean> {
  return setTopicSetting(admin, topic, LIMIT, '0');
}

/** Opens a closed topic. Resolves with whether Kafka allows it. */
export function openTopic(
  admin: Pick<Admin, 'describeConfigs' | 'alterConfigs'>,
  topic: string,
): Promise<boolean> {
  return setTopicSetting(admin, topic, LIMIT, String(MESSAGE_BYTES));
}
