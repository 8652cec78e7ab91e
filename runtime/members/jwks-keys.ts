import type { KeyObject } from 'node:crypto';
import { LikestreamError } from '../../schemas/errors';
import type { Clock } from '../clock';
import { Jwks } from './jwks';
import type { TokenHeader, TokenKeys } from './token-keys';

export interface JwksKeysOptions {
  /** The file or the address. */
  readonly source: string;
  /** Reads the text of the set; its own limits bound its time and size. */
  readonly read: () => Promise<string>;
  /** Text that has been read already. */
  readonly text?: string | undefined;
  /** The set is read again at the first use after this time, ms. */
  readonly freshMs: number;
  /** The least time between two reads, ms: tokens with unknown keys cause no more. */
  readonly gapMs: number;
  readonly clock: Clock;
  /** Reports that the set could not be read; once, until the error changes. */
  readonly failed: (doing: string, error: unknown) => void;
}

/**
 * The keys of a set that changes. It is read when tokens are verified, so no timer is needed. While
 * it cannot be read, or is not valid, the keys before stay in use.
 */
export class JwksKeys implements TokenKeys {
  version = 0;
  private set: Jwks | undefined;
  private text: string | undefined;
  private readAt = Number.NEGATIVE_INFINITY;
  private reading: Promise<void> | undefined;
  private lastFailure: string | undefined;

  /** Throws an Error if the given text is not a set. */
  constructor(private readonly options: JwksKeysOptions) {
    if (options.text === undefined) return;
    this.set = Jwks.parse(options.text);
    this.text = options.text;
    this.readAt = options.clock.monotonic();
  }

  keepFresh(): void {
    // A failure is reported, and the keys before stay in use.
    if (this.set && this.age >= this.options.freshMs) void this.reread();
  }

  candidates(header: TokenHeader): readonly KeyObject[] {
    return this.set?.candidates(header) ?? [];
  }

  async reread(): Promise<void> {
    if (this.age >= this.options.gapMs) this.reading ??= this.read();
    await this.reading;
    if (!this.set)
      throw new LikestreamError('keys_unavailable', `${this.options.source} cannot be read`);
  }

  private get age(): number {
    return this.options.clock.monotonic() - this.readAt;
  }

  private async read(): Promise<void> {
    const { clock, read, source } = this.options;
    this.readAt = clock.monotonic();
    try {
      const text = await read();
      if (text !== this.text) {
        this.set = Jwks.parse(text);
        this.text = text;
        this.version += 1;
      }
      this.lastFailure = undefined;
    } catch (error) {
      this.fail(new Error(`${source}: ${error instanceof Error ? error.message : error}`));
    } finally {
      this.reading = undefined;
    }
  }

  private fail(error: Error): void {
    if (error.message === this.lastFailure) return;
    this.lastFailure = error.message;
    this.options.failed('read the keys of tokens', error);
  }
}
