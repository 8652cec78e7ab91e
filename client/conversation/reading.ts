import { isNewer } from './attention';
import { throttle } from './throttle';

const READ_MS = 1000;

/** Sends what this member has read: the newest message, one request at a time. */
export class Reading {
  #newest = '';
  #sent = '';
  #isBusy = false;
  readonly #soon = throttle(READ_MS, () => this.#flush());

  constructor(private readonly send: (messageId: string) => Promise<unknown>) {}

  read(messageId: string): void {
    if (!isNewer(messageId, this.#newest)) return;
    this.#newest = messageId;
    this.#soon.request();
  }

  end(): void {
    this.#soon.end();
  }

  async #flush(): Promise<void> {
    if (this.#isBusy || this.#sent === this.#newest) return;
    this.#isBusy = true;
    this.#sent = this.#newest;
    await this.send(this.#newest);
    this.#isBusy = false;
    if (this.#sent !== this.#newest) this.#soon.request();
  }
}
