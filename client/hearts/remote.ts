import type { Point } from './flight';
import { createLocal } from './local';
import type { Hearts, HeartsOptions, Size } from './options';

/** A call of a method in the worker. */
type Call =
  | readonly ['burst', Readonly<Record<string, number>>]
  | readonly ['own', string | undefined, Point | undefined]
  | readonly ['resize', Size]
  | readonly ['close'];

/** The message by which a page starts hearts in a worker. */
interface Start {
  readonly hearts: OffscreenCanvas;
  readonly options: HeartsOptions;
  readonly port: MessagePort;
}

/** Hearts that are drawn in a worker, which has loaded this module. */
export function createRemote(
  canvas: HTMLCanvasElement,
  worker: Worker,
  { floated, glyphs, most, still }: HeartsOptions,
): Hearts {
  const { port1, port2 } = new MessageChannel();
  const hearts = canvas.transferControlToOffscreen();
  const options = { ...(glyphs && { glyphs }), ...(most && { most }), ...(still && { still }) };
  const start: Start = { hearts, options, port: port2 };
  worker.postMessage(start, [hearts, port2]);
  port1.onmessage = ({ data }) => floated?.(data);
  const call = (...given: Call) => port1.postMessage(given);
  return {
    burst: (increases) => call('burst', increases),
    own: (reaction, at) => call('own', reaction, at),
    resize: (size) => call('resize', size),
    close: () => call('close'),
  };
}

function run(hearts: Hearts, call: Call, port: MessagePort): void {
  if (call[0] === 'burst') hearts.burst(call[1]);
  else if (call[0] === 'own') hearts.own(call[1], call[2]);
  else if (call[0] === 'resize') hearts.resize(call[1]);
  else {
    hearts.close();
    port.close();
  }
}

/** In a worker, draws what pages ask for. */
export function serve(): void {
  addEventListener('message', ({ data }: MessageEvent<Start | undefined>) => {
    if (!data?.hearts) return;
    const { hearts: canvas, options, port } = data;
    const hearts = createLocal(canvas, { ...options, floated: (count) => port.postMessage(count) });
    port.onmessage = ({ data: call }: MessageEvent<Call>) => run(hearts, call, port);
  });
}
