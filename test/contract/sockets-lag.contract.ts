import type { Form } from './raw-viewer';
import { FRAME, fill, type Use } from './sockets-support';
import { realTime } from './time';

/** Longer than a peer's kernel waits before it acknowledges bytes that its program has not read. */
const LAGGING_MS = 100;

/** How long what viewers were sent waits. */
export function describeLag(use: Use, form: Form): void {
  it('sees the lag grow behind a viewer that stops to read, and end when it reads on', async () => {
    const { connect, fixture } = use();
    const [slow, quick] = [await connect(form), await connect(form)];
    const { sockets } = fixture;
    slow.client.pause();
    await fill(fixture, slow.viewer, [quick.viewer]);
    await realTime.eventually(() => expect(sockets.lagOf(slow.viewer)).toBeGreaterThan(LAGGING_MS));
    await realTime.eventually(() => expect(sockets.lagOf(quick.viewer)).toBeLessThan(LAGGING_MS));
    slow.client.resume();
    await realTime.eventually(() => {
      sockets.send(Int32Array.of(slow.viewer), FRAME);
      expect(sockets.lagOf(slow.viewer)).toBeLessThan(LAGGING_MS);
    });
  });

  it('sees no lag of a viewer that was sent nothing, and none of one that has gone', async () => {
    const { connect, fixture } = use();
    const { viewer } = await connect(form);
    expect(fixture.sockets.lagOf(viewer)).toBeLessThan(LAGGING_MS);
    fixture.sockets.close(viewer);
    expect(fixture.sockets.lagOf(viewer)).toBe(0);
    expect(fixture.sockets.lagOf(0)).toBe(0);
  });
}
