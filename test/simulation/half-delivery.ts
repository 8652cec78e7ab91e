import type { DeliveryGateway } from '../../adapters/delivery-gateway';
import type { Clock } from '../../runtime/clock';
import type { SimulatedProcess } from './process';

/**
 * Halts a dispatcher when one of its deliveries has arrived. Its other deliveries are lost, so one
 * frontend is ahead of the others until another owner takes over.
 */
export class HalfDelivery {
  private haltMs: number | undefined;
  private readonly halted = new Set<SimulatedProcess>();

  constructor(private readonly clock: Clock) {}

  /** Halts the dispatcher whose delivery arrives next, for this time. */
  arm(haltMs: number): void {
    this.haltMs = haltMs;
  }

  /** Ends the fault, without resuming halted processes. */
  heal(): void {
    this.haltMs = undefined;
    this.halted.clear();
  }

  /** Wraps the gateway to the frontends for one dispatcher. */
  gatewayOf(process: SimulatedProcess, gateway: DeliveryGateway): DeliveryGateway {
    return {
      deliver: (worker, updates) => {
        if (this.halted.has(process)) return new Promise<void>(() => undefined);
        if (this.haltMs !== undefined && process.runs) this.halt(process, this.haltMs);
        return gateway.deliver(worker, updates);
      },
    };
  }

  private halt(process: SimulatedProcess, ms: number): void {
    this.haltMs = undefined;
    this.halted.add(process);
    process.stop();
    this.clock.after(ms, () => {
      this.halted.delete(process);
      process.resume();
    });
  }
}
