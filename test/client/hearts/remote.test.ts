import { createRemote, serve } from '../../../client/hearts/remote';
import { FakeScreen } from './fake-canvas';

let screen: FakeScreen;
beforeEach(() => {
  screen = new FakeScreen();
});
afterEach(() => jest.restoreAllMocks());

/** A worker in this thread, which has loaded the module. */
function startWorker(): Worker {
  let listen: (message: { data: object }) => void = () => {};
  const addEventListener = (_: string, listener: typeof listen) => {
    listen = listener;
  };
  Object.assign(globalThis, { addEventListener });
  serve();
  const postMessage = (data: object) => listen({ data });
  return Object.assign(Object.create(null), { postMessage });
}

/** Lets messages of ports come until something is so. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}

describe('hearts in a worker', () => {
  it('are drawn there as the page asks for them, and end', async () => {
    const transferControlToOffscreen = () => screen.canvas;
    const canvas = Object.assign(Object.create(null), { transferControlToOffscreen });
    let floated = 0;
    const shown = createRemote(canvas, startWorker(), {
      floated(count) {
        floated = count;
      },
    });
    shown.resize({ width: 800, height: 450 });
    shown.burst({ like: 3 });
    shown.own('love', { x: 10, y: 20 });
    await until(() => {
      screen.run(16);
      return screen.drawn.length === 4;
    });
    expect(screen.canvas.width).toBe(800);
    await until(() => floated === 3);
    shown.close();
    await until(() => screen.isAtRest);
    expect(screen.drawn).toEqual([]);
  });

  it('do not mind other messages of the page', () => {
    expect(() => startWorker().postMessage({ name: 'play' })).not.toThrow();
  });
});
