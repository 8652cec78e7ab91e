import type { RequestLimit } from './store-client';

/** Requests in flight of all calls: below what the client refuses. */
const MAX_IN_FLIGHT = 48;

/** Lets requests wait for each other, in the order in which they came. */
export class SimulatedRequestLimit implements RequestLimit {
  private inFlight = 0;
  private readonly waiting: (() => void)[] = [];

  async run(size: number, start: (index: number) => Promise<void>): Promise<void> {
    const one = async (index: number): Promise<void> => {
      await this.enter();
      try {
        await start(index);
      } finally {
        this.leave();
      }
    };
    await Promise.all(Array.from({ length: size }, (_, index) => one(index)));
  }

  private async enter(): Promise<void> {
    if (this.inFlight >= MAX_IN_FLIGHT) {
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
    this.inFlight += 1;
  }

  private leave(): void {
    this.inFlight -= 1;
    this.waiting.shift()?.();
  }
}
