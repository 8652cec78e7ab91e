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

const NAME_WIDTH = 28;

/** More cost a broker more than they give. */
const MAX_PARTITIONS = 1_024;

/** Every setting: its name in the environment, its shape, its default. The README has the table. */
const shape = z.object({
  PORT: port.default(8080).describe('the public door; 0 takes a free one'),
  ADMIN_PORT: port.default(9090).describe('metrics and health'),
  ADMIN_HOST: text.default('127.0.0.1').describe('the address of that door'),
  INTERNAL_PORT: port.default(0).describe('calls between services; 0 takes a free one'),
  DATA_DIR: text.default('./data').describe('where the embedded mode keeps everything'),
  ROLE: list(z.enum(['producer', 'dispatcher', 'frontend']))
    .optional()
    .describe('producer, dispatcher, frontend, or several by comma; unset: embedded'),
  ADVERTISE_URL: z.url().optional().describe('where other services reach the internal port'),
  KAFKA_BROKERS: list(text).default(['127.0.0.1:19092']).describe('by comma'),
  KAFKA_REPLICAS: count.min(1).default(1).describe('of a topic that is made'),
  CASSANDRA_CONTACT_POINTS: list(text).default(['127.0.0.1:19042']).describe('by comma'),
  CASSANDRA_LOCAL_DATACENTER: text.default('datacenter1').describe('as Cassandra calls it'),
  CASSANDRA_REPLICATION: text.default("'datacenter1': 1").describe('of a keyspace that is made'),
  REDIS_URL: text
    .default('redis://127.0.0.1:16379')
    .describe('who watches what, and newest states'),
  PARTITIONS: count
    .min(1)
    .max(MAX_PARTITIONS)
    .optional()
    .describe('of each topic of a new log; unset: as before, at first 8'),
  LOG_GENERATION: count.min(1).default(1).describe("the life of this datacenter's log"),
  DATACENTER: datacenter.default('dc1').describe('its name: never change it'),
  PEER_DATACENTERS: list(datacenter).default([]).describe("the others' names, by comma"),
  WORKERS: count.max(256).default(0).describe('processes that hold viewers; 0: the main one does'),
  JWT_SECRET: text.optional().describe('HS256 key of members'),
  JWT_JWKS_FILE: text.optional().describe('a file of public keys in its place'),
  JWT_MEMBER_CLAIM: text.default('sub').describe("the claim that is the member's id"),
  SERVICE_SECRET: text.optional().describe('what calls between services carry'),
  CORS_ORIGINS: list(text)
    .optional()
    .describe('origins whose pages may call, by comma; unset: any localhost'),
  REACTIONS: list(reaction).default(DEFAULT_REACTIONS).describe('what is taken, by comma'),
  MAX_VIEWERS: count.default(15_000).describe('streams a process'),
  MAX_CHANNELS: count.default(100_000).describe('channels a process holds'),
  VIEWER_SOCKETS: z
    .enum(['auto', 'direct', 'node'])
    .default('auto')
    .describe('auto, direct or node'),
  DEDUPE_WINDOW_MS: count
    .min(1_000)
    .default(120_000)
    .describe('W: ids of the last W/4 need no look-up; owners remember ids for 1.25 W'),
  DRAIN_SPREAD_MS: count
    .default(5_000)
    .describe('viewers are told to come back spread over this time at the end'),
  LOG_LEVEL: z
    .enum(['silent', 'error', 'warn', 'info', 'debug'])
    .default('info')
    .describe('silent, error, warn, info or debug'),
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

/** What a person is told who asks for help. */
export function settingsHelp(): string {
  const lines = Object.entries(shape.shape).map(([name, type]) => {
    const parsed = type.safeParse(undefined);
    const is = parsed.success && parsed.data !== undefined ? ` (${String(parsed.data)})` : '';
    return `  ${name.padEnd(NAME_WIDTH)}${type.description}${is}`;
  });
  return [
    'npm start: everything in this process, kept in ./data; stop with Ctrl-C.',
    '',
    'Settings are environment variables, as in PORT=80 npm start (defaults in brackets):',
    ...lines,
    '',
    'README.md says more of each, and docker compose runs the whole system: compose/README.md.',
  ].join('\n');
}
