import { evictionWarning } from '../../../adapters/redis/eviction';

function memory(limit: string, policy: string): string {
  return `# Memory\r\nmaxmemory:${limit}\r\nmaxmemory_policy:${policy}\r\n`;
}

async function warningOf(...nodes: string[]): Promise<string | undefined> {
  return evictionWarning({ memory: async () => nodes });
}

it('is one line if a node may evict keys, and none otherwise', async () => {
  const kept = memory('104857600', 'noeviction');
  expect(await warningOf(memory('0', 'allkeys-lru'))).toBeUndefined();
  expect(await warningOf(kept, kept)).toBeUndefined();
  expect(await warningOf(kept, memory('104857600', 'allkeys-lru'))).toBe(
    'Redis evicts keys when its memory is full (maxmemory-policy allkeys-lru): use noeviction',
  );
  expect(await warningOf('')).toBeUndefined();
});
