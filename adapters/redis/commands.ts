/**
 * The commands of Redis that the adapters use: one server, or the nodes of a Cluster. All keys of
 * one call have the same hash tag, or are the same key.
 */
export interface RedisCommands {
  hget(key: string, field: string): Promise<string | null>;
  hgetall(key: string): Promise<Record<string, string>>;
  smembers(key: string): Promise<string[]>;
  /** Runs a script that this server has; rejects with NOSCRIPT if it does not. */
  evalsha(sha1: string, keys: number, ...values: (string | number)[]): Promise<unknown>;
  eval(text: string, keys: number, ...values: (string | number)[]): Promise<unknown>;
}
