import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from 'cassandra-driver';
import { SignJWT } from 'jose';
import { environmentOf } from '../../compose/native/addresses';
import { NativeStack } from '../../compose/native/native-stack';
import { LIKE_SHARDS } from '../../producers/cassandra-like-store';
import { KEYSPACE } from '../../roles/set-up';
import { openCassandra } from '../../runtime/cassandra';
import { call, range } from '../end-to-end/api';
import { type Role, RoleProcess } from './role-process';

const JWT_SECRET = 'a key for members';

/** Two of each role on a real Kafka, Cassandra and Redis. */
export class Site {
  readonly stack: NativeStack;
  readonly roles: Record<Role, RoleProcess[]> = { producer: [], dispatcher: [], frontend: [] };
  token = '';
  private readonly folder = mkdtempSync(join(tmpdir(), 'likestream-site-'));
  private cassandra: Client | undefined;

  constructor() {
    this.stack = new NativeStack({ folder: this.folder });
  }

  async start(): Promise<void> {
    await this.stack.start();
    const key = Buffer.from(JWT_SECRET);
    const claims = new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).setSubject('ann');
    this.token = await claims.setExpirationTime('1h').sign(key);
    const env = { ...environmentOf(this.stack.addresses), JWT_SECRET, SERVICE_SECRET: 'ours' };
    for (const role of ['producer', 'dispatcher', 'frontend'] as const) {
      this.roles[role] = await Promise.all([
        RoleProcess.start(role, env),
        RoleProcess.start(role, env),
      ]);
    }
    const { cassandra } = this.stack.addresses;
    this.cassandra = openCassandra({ contactPoints: [cassandra], localDatacenter: 'datacenter1' });
    await this.cassandra.connect();
  }

  /** Ends all; gives the exit codes of the roles, asked to end by SIGTERM. */
  async end(): Promise<(number | null)[]> {
    const all = Object.values(this.roles).flat();
    const codes = await Promise.all(all.map((role) => role.end('SIGTERM')));
    await this.cassandra?.shutdown();
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
  async rows(videoId: string): Promise<Set<string>> {
    const query = `SELECT like_id FROM ${KEYSPACE}.likes WHERE channel = ? AND shard = ?`;
    const shards = range(LIKE_SHARDS).map((shard) =>
      this.cassandra?.execute(query, [`video:${videoId}`, shard], { prepare: true }),
    );
    const found = await Promise.all(shards);
    const rows = found.flatMap((result) => result?.rows ?? []);
    return new Set(rows.map((row) => String(row.get('like_id'))));
  }
}
