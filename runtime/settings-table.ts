import { z } from 'zod';
import { DEFAULT_REACTIONS, reaction } from '../schemas/likes';
import { DEFAULT_NAMESPACE } from '../schemas/names';
import { PARTITIONS } from '../schemas/partitions';
import { SETTING_INFO } from './setting-info';

const port = z.coerce.number().int().min(0).max(65_535);
const count = z.coerce.number().int().nonnegative();
const text = z.string().min(1);
/** Further partitions would cost a broker more than they bring. */
const MAX_PARTITIONS = 1_024;

const datacenter = z.string().regex(/^[a-z0-9]+$/);

const list = <T extends string>(item: z.ZodType<T>) =>
  z.preprocess(
    (given) => (typeof given === 'string' ? given.split(',').map((part) => part.trim()) : given),
    z.array(item),
  );

const ports = {
  PORT: port.default(8080).register(SETTING_INFO, {
    text: 'public HTTP port; 0 takes a free one',
  }),
  INTERNAL_PORT: port.default(0).register(SETTING_INFO, {
    text: 'port for calls between services; 0 takes a free one',
    note: 'Listens on loopback unless `ADVERTISE_URL` is set. Never make this port public.',
  }),
  ADVERTISE_URL: z.url().optional().register(SETTING_INFO, {
    text: 'URL at which other services reach `INTERNAL_PORT`',
    unset: 'loopback only',
    note: 'Example: `http://10.0.0.7:7000`. If it is set, the port listens on every address.',
  }),
  ADMIN_PORT: port.default(9090).register(SETTING_INFO, {
    text: 'port of `/metrics` and `/health/…`; 0 takes a free one',
    note: 'One port for all processes of a process tree.',
  }),
  ADMIN_HOST: text.default('127.0.0.1').register(SETTING_INFO, {
    text: 'address on which `ADMIN_PORT` listens',
    note: 'Use `0.0.0.0` if a program on another machine reads the metrics.',
  }),
  ROLE: list(z.enum(['producer', 'dispatcher', 'frontend']))
    .optional()
    .register(SETTING_INFO, {
      text: 'roles of this process, by comma: producer, dispatcher, frontend',
      unset: 'embedded mode',
      note:
        'A process with a `ROLE` uses Kafka, Cassandra and Redis, and needs `JWT_SECRET` or ' +
        '`JWT_JWKS_FILE`, and `SERVICE_SECRET`.',
    }),
};

const embedded = {
  DATA_DIR: text.default('./data').register(SETTING_INFO, {
    text: 'folder in which the embedded mode keeps its data',
    note: 'One process tree at a time can use a folder.',
  }),
};

const servers = {
  KAFKA_BROKERS: list(text).default(['127.0.0.1:19092']).register(SETTING_INFO, {
    text: 'Kafka brokers as `host:port`, by comma',
  }),
  KAFKA_REPLICAS: count.min(1).default(1).register(SETTING_INFO, {
    text: 'replicas of each topic that a process creates',
    note: 'With 3 or more, `min.insync.replicas` is set to 2.',
  }),
  CASSANDRA_CONTACT_POINTS: list(text).default(['127.0.0.1:19042']).register(SETTING_INFO, {
    text: 'Cassandra nodes as `host:port`, by comma',
  }),
  CASSANDRA_LOCAL_DATACENTER: text.default('datacenter1').register(SETTING_INFO, {
    text: 'name of the nearest datacenter, as Cassandra knows it',
    note: 'Reads and writes use `LOCAL_QUORUM` in it.',
  }),
  CASSANDRA_REPLICATION: text.default("'datacenter1': 1").register(SETTING_INFO, {
    text: 'replicas by datacenter, if a process creates the keyspace',
  }),
  REDIS_URL: text.default('redis://127.0.0.1:16379').register(SETTING_INFO, {
    text: 'Redis: the directory of viewers and the cache of states',
  }),
  NAMESPACE: z
    .string()
    .regex(/^[a-z][a-z0-9]{0,31}$/)
    .default(DEFAULT_NAMESPACE)
    .register(SETTING_INFO, {
      text: 'first part of the name of each topic, consumer group, keyspace and Redis key',
      note:
        'Several installations can share servers under different names. All datacenters of one ' +
        'installation need the same one; never change it.',
    }),
};

const types = {
  EVENT_TYPES: list(text)
    .default([])
    .register(SETTING_INFO, {
      text: 'modules of further event types: paths, by comma',
      note:
        'Paths are relative to the working directory. Use the same modules in every process; ' +
        'docs/add-an-event-type.md describes them.',
    }),
  REACTIONS: list(reaction)
    .default(DEFAULT_REACTIONS)
    .register(SETTING_INFO, {
      text: 'reactions that are accepted, by comma',
      note:
        'Each one matches `[a-z0-9_]{1,32}`. A like without a reaction is a `like`, or the ' +
        'first of the list if it has no `like`.',
    }),
};

const datacenters = {
  DATACENTER: datacenter.default('dc1').register(SETTING_INFO, {
    text: 'name of this datacenter; never change it',
    note: 'It is part of the origin of every version.',
  }),
  PEER_DATACENTERS: list(datacenter).default([]).register(SETTING_INFO, {
    text: 'names of the other datacenters, by comma',
    note: 'MirrorMaker must copy the topics `NAMESPACE.updates.TYPE` between all of them.',
  }),
  LOG_GENERATION: count.min(1).default(1).register(SETTING_INFO, {
    text: "generation of this datacenter's log",
    note: 'Set it one higher for every process after `npm run drain` or `npm run recount`.',
  }),
  PARTITIONS: count
    .min(1)
    .max(MAX_PARTITIONS)
    .optional()
    .register(SETTING_INFO, {
      text: 'partitions of each topic of a new log generation',
      unset: `as in the generation before; ${PARTITIONS} in the first one`,
      note: 'All datacenters need the same number.',
    }),
};

const members = {
  JWT_SECRET: text.optional().register(SETTING_INFO, {
    text: "HS256 key that verifies members' tokens",
    unset: 'embedded mode without a key: everyone is `anonymous-…`',
  }),
  JWT_JWKS_FILE: text.optional().register(SETTING_INFO, {
    text: 'JWKS file with public keys, instead of `JWT_SECRET`',
    unset: 'none',
    note: 'Read once, at the start. If both are set, this file is used.',
  }),
  JWT_MEMBER_CLAIM: text.default('sub').register(SETTING_INFO, {
    text: 'claim that holds the member id',
    note:
      'Characters other than `A-Z a-z 0-9 _ . -` become `_`, and the id is cut after 64 ' +
      'characters.',
  }),
  SERVICE_SECRET: text.optional().register(SETTING_INFO, {
    text: 'secret that calls between services carry',
    unset: 'embedded mode: random',
    note: 'Every process of an installation needs the same one.',
  }),
  CORS_ORIGINS: list(text).optional().register(SETTING_INFO, {
    text: 'origins whose pages may read answers, by comma',
    unset: 'localhost and loopback, on any port',
    note: 'Compared exactly, as in `https://example.com`: no path, no final `/`, no `*`.',
  }),
};

const limits = {
  MAX_VIEWERS: count.default(15_000).register(SETTING_INFO, {
    text: 'open streams of one process',
    note: 'Further streams get `bye` with the reason `full`.',
  }),
  MAX_UPDATES_PER_S: count.min(1).max(1_000).default(30).register(SETTING_INFO, {
    text: 'updates of a channel that a viewer is sent in a second',
    note: 'The first one after a pause is sent at once. With many viewers there are fewer.',
  }),
  MAX_CHANNELS: count.default(100_000).register(SETTING_INFO, {
    text: 'channels that one process holds',
    note: 'A stream that needs more gets `bye` with the reason `full`.',
  }),
  DEDUPE_WINDOW_MS: count
    .min(1_000)
    .default(120_000)
    .register(SETTING_INFO, {
      text: 'window W in which owners find duplicates without the store',
      unit: 'ms',
      note:
        'A UUIDv7 made in the last W/4 needs no look-up in the store if it is appended within ' +
        'W/4. Owners remember ids for 1.25 W. Use the same value in every process.',
    }),
};

const running = {
  WORKERS: count.max(256).default(0).register(SETTING_INFO, {
    text: 'processes that hold viewers; 0: the main process does',
  }),
  VIEWER_SOCKETS: z
    .enum(['auto', 'direct', 'node'])
    .default('auto')
    .register(SETTING_INFO, {
      text: "what writes to viewers' sockets: auto, direct or node",
      note:
        '`direct`: through the C library (Linux on x64 or arm64). `node`: through Node. `auto`: ' +
        '`direct` if possible.',
    }),
  DRAIN_SPREAD_MS: count.default(5_000).register(SETTING_INFO, {
    text: 'time over which viewers come back after a shutdown',
    unit: 'ms',
  }),
  LOG_LEVEL: z
    .enum(['silent', 'error', 'warn', 'info', 'debug'])
    .default('info')
    .register(SETTING_INFO, {
      note: 'Lines are JSON on standard error.',
      text: 'least severe log line: silent, error, warn, info or debug',
    }),
};

/** The headings of docs/settings.md, each with its settings. */
export const SETTING_GROUPS: readonly (readonly [string, z.ZodRawShape])[] = [
  ['Ports and roles', ports],
  ['Embedded mode', embedded],
  ['Event types', types],
  ['Kafka, Cassandra and Redis', servers],
  ['Datacenters', datacenters],
  ['Members and pages', members],
  ['Limits', limits],
  ['Running', running],
];

/** Every setting: its name in the environment, its shape, its default. */
export const SETTINGS_SHAPE = z.object({
  ...ports,
  ...embedded,
  ...types,
  ...servers,
  ...datacenters,
  ...members,
  ...limits,
  ...running,
});
