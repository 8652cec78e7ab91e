import type { Context } from 'koa';
import type { LiveWorkers } from '../dispatchers/workers/live-workers';
import { LikestreamError } from '../schemas/errors';
import type { Forwarder } from './forwarder';

/**
 * Forwards a call about a stream to the worker that holds it; a stream's id begins with its
 * worker's id. Throws `not_found` if no live worker has that id.
 */
export async function forwardToWorker(
  ctx: Context,
  workers: Pick<LiveWorkers, 'find'>,
  forwarder: Forwarder,
): Promise<void> {
  const [workerId = ''] = String(ctx.params.connectionId).split('.');
  const worker = await workers.find(workerId);
  if (!worker) throw new LikestreamError('not_found', 'no such stream');
  await forwarder.forward(ctx, worker.url);
}
