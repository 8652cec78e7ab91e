import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { NativeStack } from '../../compose/native/native-stack';
import { eventually } from '../end-to-end/api';

const SYNC_WITHIN_MS = 20_000;

/** One Redis of its own. */
export class SingleRedis {
  private readonly folder = mkdtempSync(join(tmpdir(), 'likestream-redis-'));
  readonly stack = new NativeStack({ folder: this.folder });
  private client: Redis | undefined;

  async start(): Promise<void> {
    await this.stack.start('redis');
    this.client = new Redis(this.url);
  }

  get url(): string {
    return this.stack.addresses.redis;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** A plain client of this server. */
  get admin(): Redis {
    if (!this.client) throw new Error('this Redis does not run');
    return this.client;
  }

  /** Makes it a replica; resolves when it has the primary's data. */
  async follow(primary: { readonly port: number }): Promise<void> {
    await this.admin.call('REPLICAOF', '127.0.0.1', String(primary.port));
    await eventually(async () => {
      if (!(await this.isLinked())) throw new Error('the replica is not in sync');
    }, SYNC_WITHIN_MS);
  }

  /** Makes it a primary. */
  async promote(): Promise<void> {
    await this.admin.call('REPLICAOF', 'NO', 'ONE');
  }

  async end(): Promise<void> {
    this.client?.disconnect();
    await this.stack.reset();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async isLinked(): Promise<boolean> {
    const replication = await this.admin.info('replication');
    return /^master_link_status:up/m.test(replication);
  }
}
