import { asLikestreamError, LikestreamError } from '../../schemas/errors';
import { type FactList, MAX_FACTS } from '../../schemas/facts';
import type { FactStore } from '../fact-store';
import type { Database } from './database';

const PREFIX = 'facts/';
/** The character after `/`: the end of the range of keys with the prefix. */
const PREFIX_END = 'facts0';

/** The facts in the embedded database: `facts/NAME`. */
export class EmbeddedFacts implements FactStore {
  private readonly names: Set<string>;
  /** The number of changes since this process started; nothing else writes these keys. */
  private changes = 0;

  constructor(private readonly database: Database) {
    const stored = [...database.range({ from: PREFIX, to: PREFIX_END })];
    this.names = new Set(stored.map(({ key }) => key.slice(PREFIX.length)));
  }

  async read(seen?: string): Promise<FactList | undefined> {
    const version = String(this.changes);
    return version === seen ? undefined : { version, names: [...this.names] };
  }

  async set(name: string, holds: boolean): Promise<void> {
    if (holds && this.names.size >= MAX_FACTS) throw new LikestreamError('too_many_facts');
    const key = PREFIX + name;
    try {
      await this.database.write([holds ? { key, value: true } : { key }]);
    } catch (error) {
      throw asLikestreamError(error, 'store_unavailable');
    }
    if (holds) this.names.add(name);
    else this.names.delete(name);
    this.changes += 1;
  }
}
