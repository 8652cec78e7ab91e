import { createSecretKey, type KeyObject } from 'node:crypto';

/** The parts of a token's header by which its key is chosen. */
export interface TokenHeader {
  readonly alg: string;
  readonly kid?: string | undefined;
}

/** Keys that verify tokens. */
export interface TokenKeys {
  /** Changes whenever the keys change: what earlier keys have verified is then void. */
  readonly version: number;
  /** Begins to read the keys again if they are old. */
  keepFresh(): void;
  /** The keys that may have signed a token, the likeliest first. */
  candidates(header: TokenHeader): readonly KeyObject[];
  /**
   * Reads the keys again, unless it did so a short time ago. Rejects with `keys_unavailable` if the
   * keys could never be read.
   */
  reread(): Promise<void>;
}

/** The key `JWT_SECRET`, for HS256. */
export class SecretKey implements TokenKeys {
  readonly version = 0;
  private readonly keys: readonly KeyObject[];

  constructor(secret: string) {
    this.keys = [createSecretKey(Buffer.from(secret))];
  }

  keepFresh(): void {}

  candidates({ alg }: TokenHeader): readonly KeyObject[] {
    return alg === 'HS256' ? this.keys : [];
  }

  async reread(): Promise<void> {}
}

/** The keys of several sources. */
export class AllKeys implements TokenKeys {
  constructor(private readonly sources: readonly TokenKeys[]) {}

  get version(): number {
    return this.sources.reduce((sum, { version }) => sum + version, 0);
  }

  keepFresh(): void {
    for (const source of this.sources) source.keepFresh();
  }

  candidates(header: TokenHeader): readonly KeyObject[] {
    return this.sources.flatMap((source) => source.candidates(header));
  }

  async reread(): Promise<void> {
    await Promise.all(this.sources.map((source) => source.reread()));
  }
}
