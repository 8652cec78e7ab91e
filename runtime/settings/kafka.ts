import { SETTING_INFO } from './setting-info';
import { count, list, text } from './shapes';

/** How Kafka is reached. */
export const KAFKA_SETTINGS = {
  KAFKA_BROKERS: list(text).default(['127.0.0.1:19092']).register(SETTING_INFO, {
    text: 'Kafka brokers as `host:port`, by comma',
  }),
  KAFKA_REPLICAS: count.min(1).default(1).register(SETTING_INFO, {
    text: 'replicas of each topic that a process creates',
    note: 'With 3 or more, `min.insync.replicas` is set to 2.',
  }),
};
