import { z } from 'zod';
import { CASSANDRA_SETTINGS } from './cassandra';
import { DATACENTER_SETTINGS } from './datacenters';
import { EMBEDDED_SETTINGS } from './embedded';
import { EVENT_TYPE_SETTINGS } from './event-types';
import { KAFKA_SETTINGS } from './kafka';
import { LIMIT_SETTINGS } from './limits';
import { MEMBER_SETTINGS } from './members';
import { PAGE_SETTINGS } from './pages';
import { PORT_SETTINGS } from './ports';
import { REDIS_SETTINGS } from './redis';
import { RUNNING_SETTINGS } from './running';

/** The headings of docs/settings.md, each with its settings. */
export const SETTING_GROUPS: readonly (readonly [string, z.ZodRawShape])[] = [
  ['Ports and roles', PORT_SETTINGS],
  ['Embedded mode', EMBEDDED_SETTINGS],
  ['Event types', EVENT_TYPE_SETTINGS],
  ['Kafka', KAFKA_SETTINGS],
  ['Cassandra', CASSANDRA_SETTINGS],
  ['Redis', REDIS_SETTINGS],
  ['Datacenters', DATACENTER_SETTINGS],
  ['Members and services', MEMBER_SETTINGS],
  ['Pages', PAGE_SETTINGS],
  ['Limits', LIMIT_SETTINGS],
  ['Running', RUNNING_SETTINGS],
];

/** Every setting: its name in the environment, its shape, its default. */
export const SETTINGS_SHAPE = z.object({
  ...PORT_SETTINGS,
  ...EMBEDDED_SETTINGS,
  ...EVENT_TYPE_SETTINGS,
  ...KAFKA_SETTINGS,
  ...CASSANDRA_SETTINGS,
  ...REDIS_SETTINGS,
  ...DATACENTER_SETTINGS,
  ...MEMBER_SETTINGS,
  ...PAGE_SETTINGS,
  ...LIMIT_SETTINGS,
  ...RUNNING_SETTINGS,
});
