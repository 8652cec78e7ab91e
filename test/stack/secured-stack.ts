import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Admin } from 'kafkajs';
import { cassandraServers } from '../../adapters/cassandra/access';
import { openCassandra } from '../../adapters/cassandra/client';
import { openKafka } from '../../adapters/kafka/client/client';
import { kafkaSecurity } from '../../adapters/kafka/client/security';
import { NativeStack } from '../../compose/native/native-stack';
import { ADMIN } from '../../compose/native/stack-security';
import { openLog } from '../../runtime/log-lines';
import { readSettings } from '../../runtime/settings/settings';
import { eventually } from '../end-to-end/api';
import { type CertificateFiles, TestAuthority } from './certificates';
import { type Acl, documentedAcls, documentedGrants } from './documented-rights';

/** The user of the roles: it has the rights of docs/operating.md, and no other. */
export const USER = 'likestream';

/** Cassandra's first role, which may do everything. */
const CASSANDRA_ADMIN = 'cassandra';

const LOG = openLog('silent', 'test');

/** How long a change of the schema may take. */
const SCHEMA_MS = 60_000;

/** The settings of a role that are about who it is. */
export type AccessSettings = Readonly<Record<string, string>>;

/** Kafka and Cassandra with TLS, logins and rights, and the settings that a role needs. */
export class SecuredStack {
  readonly folder = mkdtempSync(join(tmpdir(), 'likestream-secured-'));
  readonly authority = new TestAuthority(this.folder);
  readonly stack: NativeStack;
  private readonly password = randomBytes(12).toString('hex');
  private readonly adminPassword = randomBytes(12).toString('hex');

  constructor() {
    const { ca } = this.authority;
    const kafkaUsers = { [ADMIN]: this.adminPassword, [USER]: this.password };
    const security = { ca, ...this.authority.sign('server'), kafkaUsers };
    this.stack = new NativeStack({ folder: join(this.folder, 'servers'), security });
  }

  /** A certificate of that name, signed by the authority of the servers. */
  sign(name: string): CertificateFiles {
    return this.authority.sign(name);
  }

  /** The settings of the user, or of the administrator. */
  kafka(name: typeof ADMIN | typeof USER = USER): AccessSettings {
    return {
      KAFKA_BROKERS: this.stack.addresses.kafka,
      KAFKA_SSL: 'true',
      KAFKA_CA_FILE: this.authority.ca,
      KAFKA_SASL_MECHANISM: 'scram-sha-512',
      KAFKA_USERNAME: name,
      KAFKA_PASSWORD: name === ADMIN ? this.adminPassword : this.password,
    };
  }

  /** The settings of the user, or of the first role. */
  cassandra(name: typeof CASSANDRA_ADMIN | typeof USER = USER): AccessSettings {
    return {
      CASSANDRA_CONTACT_POINTS: this.stack.addresses.cassandra,
      CASSANDRA_SSL: 'true',
      CASSANDRA_CA_FILE: this.authority.ca,
      CASSANDRA_USERNAME: name,
      CASSANDRA_PASSWORD: name === USER ? this.password : CASSANDRA_ADMIN,
    };
  }

  /** Grants the user exactly the documented rights. */
  async grant(): Promise<void> {
    await this.giveBack(documentedAcls());
    const statements = documentedGrants(this.password);
    for (const statement of statements) await this.asCassandraAdmin(statement);
  }

  /** Takes some of Kafka's documented rights from the user. */
  async take(isTaken: (acl: Acl) => boolean): Promise<Acl[]> {
    const filters = documentedAcls().filter(isTaken);
    await this.asKafkaAdmin((admin) => admin.deleteAcls({ filters }));
    return filters;
  }

  async giveBack(acl: Acl[]): Promise<void> {
    await this.asKafkaAdmin((admin) => admin.createAcls({ acl }));
  }

  /** Runs a task as Kafka's administrator. */
  async asKafkaAdmin(task: (admin: Admin) => Promise<unknown>): Promise<void> {
    const settings = readSettings(this.kafka(ADMIN));
    const admin = openKafka(settings.KAFKA_BROKERS, LOG, kafkaSecurity(settings)).admin();
    await admin.connect();
    await task(admin).finally(() => admin.disconnect());
  }

  /** Runs a statement as Cassandra's first role; a busy machine may need several tries. */
  async asCassandraAdmin(statement: string): Promise<void> {
    const client = openCassandra(cassandraServers(readSettings(this.cassandra('cassandra'))));
    const run = () => client.execute(statement, [], { prepare: false });
    await eventually(run, SCHEMA_MS).finally(() => client.shutdown());
  }

  async end(): Promise<void> {
    await this.stack.reset();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
