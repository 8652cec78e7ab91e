import { spread } from '../../schemas/hash';

/** Names that are surely remembered; up to twice as many are. */
export const MAX_NAMES = 100_000;

/** Small integers of the engine, which need no memory of their own. */
const HASH_BITS = 30;

/** Which names were seen lately: by short hashes, so some that are new count as seen. */
export class SeenNames {
  private newer = new Set<number>();
  private older = new Set<number>();

  constructor(private readonly most = MAX_NAMES) {}

  has(name: string): boolean {
    const hash = hashOf(name);
    if (this.newer.has(hash)) return true;
    if (!this.older.has(hash)) return false;
    this.addHash(hash);
    return true;
  }

  add(name: string): void {
    this.addHash(hashOf(name));
  }

  private addHash(hash: number): void {
    if (this.newer.size >= this.most) {
      this.older = this.newer;
      this.newer = new Set();
    }
    this.newer.add(hash);
  }
}

function hashOf(name: string): number {
  return spread(name) >>> (32 - HASH_BITS);
}
