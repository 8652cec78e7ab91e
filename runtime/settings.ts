import { z } from 'zod';
import { DEFAULT_REACTIONS, reaction } from '../schemas/likes';

const port = z.coerce.number().int().min(0).max(65_535);
const count = z.coerce.number().int().nonnegative();
const text = z.string().min(1);
const datacenter = z.string().regex(/^[a-z0-9]+$/);

const list = <T extends string>(item: z.ZodType<T>) =>
  z.preprocess(
    (given) => (typeof given === 'string' ? given.split(',').map((part) => part.trim()) : given),
    z.array(item),
  );

/** Every setting: its name in the environment, its shape, its default. The README has the table. */
const shape = z.object({
  PORT: port.default(8080),
  ADMIN_PORT: port.default(9090),
  ADMIN_HOST: text.default('127.0.0.1'),
  INTERNAL_PORT: port.default(0),
  DATA_DIR: text.default('./data'),
  ROLE: list(z.enum(['producer', 'dispatcher', 'frontend'])).optional(),
  ADVERTISE_URL: z.url().optional(),
  KAFKA_BROKERS: list(text).default(['127.0.0.1:19092']),
  KAFKA_REPLICAS: count.min(1).default(1),
  CASSANDRA_CONTACT_POINTS: list(text).default(['127.0.0.1:19042']),
  CASSANDRA_LOCAL_DATACENTER: text.default('datacenter1'),
  CASSANDRA_REPLICATION: text.default("'datacenter1': 1"),
  REDIS_URL: text.default('redis://127.0.0.1:16379'),
  LOG_GENERATION: count.min(1).default(1),
  DATACENTER: datacenter.default('dc1'),
  PEER_DATACENTERS: list(datacenter).default([]),
  WORKERS: count.max(256).default(0),
  JWT_SECRET: text.optional(),
  JWT_JWKS_FILE: text.optional(),
  JWT_MEMBER_CLAIM: text.default('sub'),
  SERVICE_SECRET: text.optional(),
  CORS_ORIGINS: list(text).optional(),
  REACTIONS: list(reaction).default(DEFAULT_REACTIONS),
  MAX_VIEWERS: count.default(15_000),
  VIEWER_SOCKETS: z.enum(['auto', 'direct', 'node']).default('auto'),
  DEDUPE_WINDOW_MS: count.min(1_000).default(120_000),
  DRAIN_SPREAD_MS: count.default(5_000),
  LOG_LEVEL: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('info'),
});

export type Settings = z.infer<typeof shape>;

/** The names of all settings. */
export const SETTING_NAMES = Object.keys(shape.shape);

/** Reads the settings; throws an Error that names each one that is wrong. Empty ones are unset. */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const given = Object.entries(environment).filter(([, value]) => value !== '');
  const parsed = shape.safeParse(Object.fromEntries(given));
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`);
  throw new Error(`these settings are wrong:\n${wrong.join('\n')}`);
}
