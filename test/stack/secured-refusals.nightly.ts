// It takes a minute or more, so `npm test` leaves it out and .ci/nightly runs it:
//   npx jest --testMatch '<rootDir>/test/**/*.nightly.ts'

import { AclOperationTypes, AclResourceTypes } from 'kafkajs';
import { NativeStack } from '../../compose/native/native-stack';
import { type AccessSettings, SecuredStack } from './secured-stack';
import { StartingRole } from './starting-role';

const START_MS = 300_000;
const TEST_MS = 120_000;

const secured = new SecuredStack();
const open = new NativeStack({ folder: `${secured.folder}/open` });
/** The tries after which a server's lines are compared. */
const TRIES = 3;

beforeAll(async () => {
  const { stack } = secured;
  await Promise.all([stack.start('kafka'), stack.start('cassandra'), open.start('redis')]);
  await open.start('kafka');
  await secured.grant();
}, START_MS);

afterAll(async () => {
  await open.reset();
  await secured.end();
}, START_MS);

type Change = Readonly<Record<string, string | undefined>>;

function settings(change: Change): AccessSettings {
  const right = {
    ...{ ...secured.kafka(), ...secured.cassandra(), REDIS_URL: open.addresses.redis },
    ...change,
  };
  return Object.fromEntries(Object.entries(right).filter((entry) => entry[1] !== undefined));
}

/** Starts a process with all settings and rights, and ends it once it is in service. */
async function start(role: string): Promise<void> {
  const process = StartingRole.start(role, settings({}));
  await process.started;
  await process.end();
}

/** Expects one line about a server, with the advice and without the password, in many tries. */
async function expectAdvice(part: string, advice: string, change: Change, role = 'producer') {
  const process = StartingRole.start(role, settings(change));
  try {
    const lines = await process.tries(part, TRIES);
    expect(lines).toEqual([expect.stringContaining(advice)]);
    expect(process.output).not.toContain(secured.kafka().KAFKA_PASSWORD);
    expect(process.output).not.toContain('"stack"');
  } finally {
    await process.end();
  }
}

const WITHOUT_LOGIN = {
  ...{ KAFKA_SASL_MECHANISM: undefined, KAFKA_USERNAME: undefined, KAFKA_PASSWORD: undefined },
};
const plain = { KAFKA_SSL: undefined, KAFKA_CA_FILE: undefined };

describe('a process waits with one line that names the setting if', () => {
  test.each([
    ['Kafka refuses the password', 'check KAFKA_USERNAME', { KAFKA_PASSWORD: 'wrong' }],
    ["Kafka's authority is not known", 'set KAFKA_CA_FILE', { KAFKA_CA_FILE: undefined }],
    ['Kafka wants TLS', 'set KAFKA_SSL=true', plain],
    ['Kafka wants TLS and a login', 'set KAFKA_SSL=true', { ...plain, ...WITHOUT_LOGIN }],
  ])('%s', (_, advice, change) => expectAdvice('kafka', advice, change), TEST_MS);

  test(
    'Kafka speaks no TLS on that port',
    () => expectAdvice('kafka', 'set KAFKA_SSL=false', { KAFKA_BROKERS: open.addresses.kafka }),
    TEST_MS,
  );

  test(
    'Kafka offers no login on that port',
    () => {
      const change = { ...plain, KAFKA_BROKERS: open.addresses.kafka };
      return expectAdvice('kafka', 'set another KAFKA_SASL_MECHANISM', change);
    },
    TEST_MS,
  );

  test.each([
    ['refuses the password', 'check CASSANDRA_USERNAME', { CASSANDRA_PASSWORD: 'wrong' }],
    [
      'wants a login',
      'set CASSANDRA_USERNAME',
      { CASSANDRA_USERNAME: undefined, CASSANDRA_PASSWORD: undefined },
    ],
    ['has an unknown authority', 'set CASSANDRA_CA_FILE', { CASSANDRA_CA_FILE: undefined }],
    [
      'wants TLS',
      'set CASSANDRA_SSL=true',
      { CASSANDRA_SSL: undefined, CASSANDRA_CA_FILE: undefined },
    ],
  ])('Cassandra %s', (_, advice, change) => expectAdvice('cassandra', advice, change), TEST_MS);
});

describe('a process waits with one line that names the right in Kafka if it may not', () => {
  const { ALTER, CREATE, DESCRIBE, READ, WRITE } = AclOperationTypes;
  const { GROUP, TOPIC } = AclResourceTypes;

  // The topics exist from the second case on, so the right to create them comes first.
  test.each([
    ['create topics', 'Create on likestream.likes', TOPIC, [CREATE], 'producer'],
    ['write a log', 'Write on likestream.likes', TOPIC, [WRITE], 'producer'],
    ['read a log', 'Read on likestream.likes', TOPIC, [READ], 'dispatcher'],
    ['join its group', 'Read on the group', GROUP, [READ, DESCRIBE], 'dispatcher'],
    ['see a topic', 'likestream.likes', TOPIC, [DESCRIBE, READ, WRITE, CREATE, ALTER], 'producer'],
  ])(
    '%s',
    async (_, advice, resource, operations, role) => {
      const taken = await secured.take(
        (acl) => acl.resourceType === resource && operations.includes(acl.operation),
      );
      try {
        await expectAdvice('kafka', advice, {}, role);
      } finally {
        await secured.giveBack(taken);
      }
      await start(role);
    },
    TEST_MS,
  );
});

describe('a process waits with one line that names the right in Cassandra if it may not', () => {
  // Creates the tables.
  beforeAll(() => start('producer'), TEST_MS);

  test.each([
    ['write', 'MODIFY'],
    ['read', 'SELECT'],
  ])(
    '%s tables',
    async (_, right) => {
      // The role that creates a table has all rights on it, in addition to those on the keyspace.
      for (const on of ['KEYSPACE likestream', 'likestream.installation']) {
        await secured.asCassandraAdmin(`REVOKE ${right} ON ${on} FROM likestream`);
      }
      try {
        await expectAdvice('cassandra', `${right} on <table likestream.installation>`, {});
      } finally {
        await secured.asCassandraAdmin(`GRANT ${right} ON KEYSPACE likestream TO likestream`);
      }
    },
    TEST_MS,
  );

  test(
    'create a keyspace',
    async () => {
      const change = { NAMESPACE: 'other' };
      await expectAdvice('cassandra', 'CREATE on <all keyspaces>', change);
    },
    TEST_MS,
  );
});
