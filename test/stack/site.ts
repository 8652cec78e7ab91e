import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { Kafka } from 'kafkajs';
import { environmentOf } from '../../compose/native/addresses';
import { NativeStack } from '../../compose/native/native-stack';
import { likes } from '../../schemas/likes';
import { PARTITIONS } from '../../schemas/topics';
import { call, eventually } from '../end-to-end/api';
import { type Role, RoleProcess } from './role-process';
import { rowsOf } from './rows';

/** A topic may be made anew once the brokers have forgotten it. */
const DELETED_MS = 20_000;

const JWT_SECRET = 'a key for members';

/** Two of each role on a real Kafka, Cassandra and Redis. */
export class Site {
  readonly stack: NativeStack;
  readonly roles: Record<Role, RoleProcess[]> = { producer: [], dispatcher: [], frontend: [] };
  token = '';
  private readonly folder = mkdtempSync(join(tmpdir(), 'likestream-site-'));

  constructor(options: { readonly fullSpeed?: boolean } = {}) {
    this.stack = new NativeStack({ folder: this.folder, ...options });
  }

  /** `more` are settings of the roles. */
  async start(more: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.stack.start();
    const key = Buffer.from(JWT_SECRET);
    const claims = new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).setSubject('ann');
    this.token = await claims.setExpirationTime('1h').sign(key);
    await this.startAll(more);
  }

  /** Starts two of each role; rejects with what one says that cannot go on. */
  async startAll(more: Readonly<Record<string, string>> = {}): Promise<void> {
    const secrets = { JWT_SECRET, SERVICE_SECRET: 'ours' };
    const env = { ...environmentOf(this.stack.addresses), ...secrets, ...more };
    for (const role of ['producer', 'dispatcher', 'frontend'] as const) {
      this.roles[role] = await Promise.all([
        RoleProcess.start(role, env),
        RoleProcess.start(role, env),
      ]);
    }
  }

  /** The last words of each process, when all have ended by themselves. */
  lastWords(): Promise<string[]> {
    return Promise.all(
      Object.values(this.roles).flatMap((all) => all.map((one) => one.lastWords())),
    );
  }

  /** Deletes the log's topic and makes it anew. */
  async recreateLog(): Promise<void> {
    const admin = new Kafka({ brokers: [this.stack.addresses.kafka] }).admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [likes.topic] });
    const topics = [{ topic: likes.topic, numPartitions: PARTITIONS }];
    await eventually(() => admin.createTopics({ topics }), DELETED_MS);
    await admin.disconnect();
  }

  /** Ends all that runs still; gives the exit codes of the roles, asked to end by SIGTERM. */
  async end(): Promise<(number | null)[]> {
    const all = Object.values(this.roles).flat();
    const codes = await Promise.all(all.map((role) => role.end('SIGTERM')));
    await this.stack.reset();
    rmSync(this.folder, { recursive: true, force: true });
    return codes;
  }

  get headers(): Record<string, string> {
    return { Authorization: `Bearer ${this.token}` };
  }

  /** The total, as a producer gives it. */
  async total(videoId: string): Promise<number> {
    const url = this.roles.producer[0]?.url ?? '';
    const answer = await call(url, 'GET', `/videos/${videoId}/likes`, { headers: this.headers });
    return Number(JSON.parse(answer.text).total);
  }

  /** The ids of the rows in Cassandra. */
  rows(videoId: string): Promise<Set<string>> {
    return rowsOf(this.stack.addresses.cassandra, videoId);
  }
}
