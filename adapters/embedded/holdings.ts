import { DIGEST_BUCKETS, Digest } from '../../schemas/digest';

/** What one worker holds, by bucket: channels, or values of leased feeds; each with its sum. */
class Held {
  size = 0;
  private readonly buckets: Map<string, number>[] = [];

  constructor(private readonly digest: Digest) {}

  set(bucket: number, name: string, sum: number): void {
    const sums = this.buckets[bucket] ?? new Map<string, number>();
    this.buckets[bucket] = sums;
    const before = sums.get(name);
    if (before === undefined) this.size += 1;
    this.digest.add(bucket, sum - (before ?? 0));
    sums.set(name, sum);
  }

  delete(bucket: number, name: string): void {
    const before = this.buckets[bucket]?.get(name);
    if (before === undefined) return;
    this.digest.add(bucket, -before);
    this.buckets[bucket]?.delete(name);
    this.size -= 1;
  }

  inBucket(bucket: number): string[] {
    return [...(this.buckets[bucket]?.keys() ?? [])];
  }
}

/** The holdings of one worker; its digest is the sum of both parts. */
export class Holdings {
  readonly digest = new Digest();
  readonly channels = new Held(this.digest);
  /** By the name of the feed. */
  readonly values = new Held(this.digest);
}

/** The holdings of all workers that hold anything. */
export class HoldingsByWorker {
  private readonly byWorker = new Map<string, Holdings>();

  get(id: string): Holdings | undefined {
    return this.byWorker.get(id);
  }

  /** The holdings of a worker, made if there are none. */
  open(id: string): Holdings {
    const known = this.byWorker.get(id) ?? new Holdings();
    this.byWorker.set(id, known);
    return known;
  }

  /** Forgets a worker that holds nothing. */
  closeIfEmpty(id: string): void {
    const holdings = this.byWorker.get(id);
    if (holdings?.channels.size === 0 && holdings.values.size === 0) this.byWorker.delete(id);
  }

  digest(id: string): readonly number[] {
    return this.byWorker.get(id)?.digest.values() ?? new Array<number>(DIGEST_BUCKETS).fill(0);
  }
}
