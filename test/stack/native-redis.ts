import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { NativeStack } from '../../compose/native/native-stack';
import { eventually } from '../end-to-end/api';
import { RedisCopy } from './redis-copy';

const SYNC_WITHIN_MS = 20_000;

/** A native Redis that can follow another one and be promoted. */
export class NativeRedis {
  private client: Redis | undefined;

  constructor(
    private readonly stack: NativeStack,
    private readonly folder?: string,
  ) {}

  /** Creates one with its own folder. */
  static async start(): Promise<NativeRedis> {
    const folder = mkdtempSync(join(tmpdir(), 'likestream-redis-'));
    const stack = new NativeStack({ folder });
    await stack.start('redis');
    return new NativeRedis(stack, folder);
  }

  get url(): string {
    return this.stack.addresses.redis;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** A plain client of this server. */
  get admin(): Redis {
    this.client ??= new Redis(this.url);
    return this.client;
  }

  /** Copies its data, for a later restart from the copy. */
  copyData(): RedisCopy {
    if (this.folder === undefined) throw new Error('this Redis has no folder of its own');
    return new RedisCopy(join(this.folder, 'dc1', 'redis'));
  }

  /** Kills it, and starts it again with a copy of its data. */
  goBack(copy: RedisCopy): Promise<void> {
    return copy.restore(this.stack);
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

  /** Closes the plain client. */
  close(): void {
    this.client?.disconnect();
  }

  /** Ends it and deletes its data, if it has a folder of its own. */
  async end(): Promise<void> {
    this.close();
    if (this.folder === undefined) return;
    await this.stack.reset();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async isLinked(): Promise<boolean> {
    const replication = await this.admin.info('replication');
    return /^master_link_status:up/m.test(replication);
  }
}
