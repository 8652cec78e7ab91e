import { cpSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { NativeStack } from '../../compose/native/native-stack';

/** A copy of the data of a running native Redis. */
export class RedisCopy {
  private readonly data: string;
  private readonly copy: string;

  /** Copies the data in this folder: files are only appended to, and a cut command is ignored. */
  constructor(redisFolder: string) {
    this.data = join(redisFolder, 'data');
    this.copy = `${this.data}-copy`;
    rmSync(this.copy, { recursive: true, force: true });
    cpSync(this.data, this.copy, { recursive: true });
  }

  /** Kills Redis, and starts it again with the data of the copy. */
  async restore(stack: NativeStack): Promise<void> {
    await stack.kill('redis', 'SIGKILL');
    rmSync(this.data, { recursive: true, force: true });
    renameSync(this.copy, this.data);
    await stack.start('redis');
  }
}
