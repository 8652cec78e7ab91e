import cluster, { type Worker } from 'node:cluster';
import { z } from 'zod';
import type { Clock, Timer } from '../runtime/clock';
import type { Logger } from '../runtime/log-lines';
import type { Snapshot } from '../runtime/metrics';
import type { ServiceClient } from '../runtime/services/service-client';

/** The wait before a worker that ended is replaced, so that repeated failed starts cost little. */
const REPLACE_MS = 1_000;

const snapshot = z.object({ metrics: z.array(z.unknown()) });
const announcement = z.object({ url: z.string(), publicPort: z.number() });

export interface WorkerPoolOptions {
  readonly count: number;
  /** The primary's servers: for calls between services, and for requests that workers forward. */
  readonly urls: { readonly services: string; readonly forwarding: string };
  /** The public port, if each worker has its own socket; else they share the primary's. */
  readonly port: number | undefined;
  readonly secret: string;
  readonly log: Logger;
  readonly clock: Clock;
}

/** The workers of this process tree, which hold the viewers on one public port. */
export class WorkerPool {
  private readonly urls = new Map<number, string>();
  private readonly replacements = new Set<Timer>();
  private stopping = false;

  constructor(private readonly options: WorkerPoolOptions) {}

  /** Starts the workers; resolves with the public port when all are ready. */
  async start(): Promise<number> {
    const ports = await Promise.all(Array.from({ length: this.options.count }, () => this.fork()));
    return ports[0] ?? 0;
  }

  /** Ends the workers; each sends its viewers the time of their reconnect first. */
  async stop(): Promise<void> {
    this.stopping = true;
    for (const timer of this.replacements) timer.cancel();
    const workers = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
    await Promise.all(workers.map(end));
  }

  /** A text with the number of workers that are not ready; none if all are. */
  unavailable(): string[] {
    return this.urls.size < this.options.count
      ? [`${this.options.count - this.urls.size} workers`]
      : [];
  }

  /** The metrics of each worker that answers. */
  async snapshots(client: ServiceClient): Promise<Snapshot[]> {
    const calls = [...this.urls.values()].map((url) => client.post(`${url}/metrics`, {}, snapshot));
    const answers = await Promise.allSettled(calls);
    return answers.flatMap((answer) =>
      answer.status === 'fulfilled' ? [answer.value.metrics as Snapshot] : [],
    );
  }

  private fork(): Promise<number> {
    const { port, secret, urls } = this.options;
    const worker = cluster.fork({
      SERVICES_URL: urls.services,
      FORWARDING_URL: urls.forwarding,
      SERVICE_SECRET: secret,
      // The secret is given, so a file that the primary was given must not be read again.
      SERVICE_SECRET_FILE: undefined,
      SHARED_PORT: port ?? '',
    });
    worker.once('exit', (code, signal) => this.ended(worker, code ?? signal));
    return new Promise((resolve, reject) => {
      worker.once('message', (message: unknown) => {
        const { url, publicPort } = announcement.parse(message);
        this.urls.set(worker.id, url);
        resolve(publicPort);
      });
      worker.once('exit', () => reject(new Error('a worker could not start')));
    });
  }

  private ended(worker: Worker, how: number | string): void {
    this.urls.delete(worker.id);
    if (this.stopping) return;
    this.options.log.error({ worker: worker.id, how }, 'a worker ended, it is being replaced');
    const timer = this.options.clock.after(REPLACE_MS, () => {
      this.replacements.delete(timer);
      this.fork().catch((error) =>
        this.options.log.error({ err: error }, 'a worker did not start'),
      );
    });
    this.replacements.add(timer);
  }
}

function end(worker: Worker): Promise<void> {
  return new Promise((resolve) => {
    if (worker.isDead()) return resolve();
    worker.once('exit', () => resolve());
    worker.process.kill('SIGTERM');
  });
}
