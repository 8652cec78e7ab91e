import { createHash } from 'node:crypto';
import type { RedisCommands } from './commands';

/** A Lua script; Redis keeps it by its hash, so only the first run on a node sends the text. */
export class RedisScript {
  private readonly sha1: string;

  constructor(private readonly text: string) {
    this.sha1 = createHash('sha1').update(text).digest('hex');
  }

  /** Runs the script; sends its text if Redis does not have it, for example after a restart. */
  async run(
    redis: Pick<RedisCommands, 'eval' | 'evalsha'>,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<unknown> {
    try {
      return await redis.evalsha(this.sha1, keys.length, ...keys, ...args);
    } catch (error) {
      if (!isUnknownScript(error)) throw error;
      return redis.eval(this.text, keys.length, ...keys, ...args);
    }
  }
}

function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}
