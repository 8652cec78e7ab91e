import { z } from 'zod';
import { SETTING_INFO } from './setting-info';
import { count, list, text } from './shapes';
import { tlsProblems } from './tls-files';

/** How Kafka is reached, and who this process is there. */
export const KAFKA_SETTINGS = {
  KAFKA_BROKERS: list(text).default(['127.0.0.1:19092']).register(SETTING_INFO, {
    text: 'Kafka brokers as `host:port`, by comma',
  }),
  KAFKA_REPLICAS: count.min(1).default(1).register(SETTING_INFO, {
    text: 'replicas of each topic that a process creates',
    note: 'With 3 or more, `min.insync.replicas` is set to 2.',
  }),
  KAFKA_SSL: z.stringbool().default(false).register(SETTING_INFO, {
    text: 'whether Kafka is reached by TLS: true or false',
  }),
  KAFKA_SASL_MECHANISM: z
    .enum(['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'])
    .optional()
    .register(SETTING_INFO, {
      text: 'how to log in to Kafka: plain, scram-sha-256, scram-sha-512 or oauthbearer',
      unset: 'no login, except by `KAFKA_CERT_FILE`',
    }),
  KAFKA_USERNAME: text.optional().register(SETTING_INFO, {
    text: "user's name for plain and scram",
    unset: 'none',
  }),
  KAFKA_PASSWORD: text.optional().register(SETTING_INFO, {
    isSecret: true,
    text: "user's password for plain and scram",
    unset: 'none',
  }),
  KAFKA_TOKEN_FILE: text.optional().register(SETTING_INFO, {
    text: 'file with the token for oauthbearer',
    unset: 'none',
    note:
      'Read at each login, so that another program can renew it. A process logs in at each ' +
      'connection, and again before `connections.max.reauth.ms` of the brokers ends.',
  }),
  KAFKA_CA_FILE: text.optional().register(SETTING_INFO, {
    text: "PEM file with the authorities that sign Kafka's certificates",
    unset: "Node's list",
  }),
  KAFKA_CERT_FILE: text.optional().register(SETTING_INFO, {
    text: "PEM file with this process's certificate for Kafka",
    unset: 'none',
    note: 'Read once, at the start, as are `KAFKA_CA_FILE` and `KAFKA_KEY_FILE`.',
  }),
  KAFKA_KEY_FILE: text.optional().register(SETTING_INFO, {
    text: 'PEM file with the key of that certificate, without a passphrase',
    unset: 'none',
  }),
};

export type KafkaSettings = z.infer<z.ZodObject<typeof KAFKA_SETTINGS>>;

/** What can never work in these settings, each as `NAME: what to do`. */
export function kafkaProblems(settings: KafkaSettings): string[] {
  return [...tlsProblems('KAFKA', settings), ...loginProblems(settings)];
}

/** What is unwise in these settings. */
export function kafkaWarnings({ KAFKA_SASL_MECHANISM, KAFKA_SSL }: KafkaSettings): string[] {
  if (KAFKA_SSL || (KAFKA_SASL_MECHANISM ?? '').startsWith('scram')) return [];
  if (KAFKA_SASL_MECHANISM === undefined) return [];
  const secret = KAFKA_SASL_MECHANISM === 'plain' ? 'password' : 'token';
  return [
    `KAFKA_SASL_MECHANISM=${KAFKA_SASL_MECHANISM} without TLS sends the ${secret} in the clear: ` +
      'set KAFKA_SSL=true',
  ];
}

function loginProblems(settings: KafkaSettings): string[] {
  const { KAFKA_SASL_MECHANISM: mechanism } = settings;
  const byPassword = ['KAFKA_USERNAME', 'KAFKA_PASSWORD'] as const;
  const byToken = ['KAFKA_TOKEN_FILE'] as const;
  const all = [...byPassword, ...byToken];
  if (mechanism === undefined) {
    return all
      .filter((name) => settings[name] !== undefined)
      .map((name) => `${name}: is used only by a login: set KAFKA_SASL_MECHANISM, or unset it`);
  }
  const needed: readonly (typeof all)[number][] =
    mechanism === 'oauthbearer' ? byToken : byPassword;
  return all.flatMap((name) => {
    if (needed.includes(name) === (settings[name] !== undefined)) return [];
    const isNeeded = needed.includes(name);
    const problem = isNeeded ? 'needs it: set it' : 'does not use it: unset it';
    return [`${name}: KAFKA_SASL_MECHANISM=${mechanism} ${problem}`];
  });
}
