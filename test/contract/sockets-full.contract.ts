import { setTimeout as sleep } from 'node:timers/promises';
import { type Frame, frameOf } from '../../schemas/frame';
import type { Form } from './raw-viewer';
import { BYE, bytesOf, FRAME, fill, LARGE, type Use } from './sockets-support';
import { realTime } from './time';

/** Not a divisor of any buffer size, so frames are cut at every offset. */
const ODD_BYTES = 10_007;

/** Viewers for which too many bytes wait. */
export function describeFull(use: Use, form: Form): void {
  describeClosingFull(use, form);
  it('returns a viewer that never reads as full, and does not delay others', async () => {
    const { connect, fixture } = use();
    const [slow, quick] = [await connect(form), await connect(form)];
    slow.client.pause();
    const taken = await fill(fixture, slow.viewer, [quick.viewer]);
    expect(fixture.sockets.send(Int32Array.of(slow.viewer, quick.viewer), FRAME)).toEqual([
      slow.viewer,
    ]);
    const sent = bytesOf([...new Array(taken + 1).fill(LARGE), FRAME], form);
    await realTime.eventually(() => expect(quick.client.body.length).toBe(sent.length));
    expect(quick.client.body.equals(sent)).toBe(true);
    expect(fixture.drained).toEqual([]);
  });

  it('emits `drained` once, and then sends to the viewer again', async () => {
    const { connect, fixture } = use();
    const { client, viewer } = await connect(form);
    client.pause();
    const taken = await fill(fixture, viewer);
    client.resume();
    await realTime.eventually(() => expect(fixture.drained).toEqual([viewer]));
    expect(fixture.sockets.send(Int32Array.of(viewer), FRAME)).toEqual([]);
    const whole = bytesOf([...new Array(taken).fill(LARGE), FRAME], form);
    await realTime.eventually(() => expect(client.body.length).toBe(whole.length));
    expect(client.body.equals(whole)).toBe(true);
    expect(fixture.drained).toEqual([viewer]);
  });

  it('sends the rest of a frame first once there is room', async () => {
    const { connect, fixture } = use();
    const { client, viewer } = await connect(form);
    const sent: Frame[] = [];
    for (let round = 1; round <= 2; round++) {
      client.pause();
      for (;;) {
        const frame = frameOf(`${round}.${sent.length} `.padEnd(ODD_BYTES, 'z'));
        if (fixture.sockets.send(Int32Array.of(viewer), frame).length > 0) break;
        sent.push(frame);
        await sleep(0);
      }
      client.resume();
      await realTime.eventually(() => expect(fixture.drained).toHaveLength(round));
    }
    const whole = bytesOf(sent, form);
    await realTime.eventually(() => expect(client.body.length).toBe(whole.length));
    expect(client.body.equals(whole)).toBe(true);
  });

  it('emits no `drained` for a viewer that was not full', async () => {
    const { connect, fixture } = use();
    const { client, viewer } = await connect(form);
    for (let sent = 0; sent < 20; sent++) fixture.sockets.send(Int32Array.of(viewer), FRAME);
    await realTime.eventually(() => expect(client.body.length).toBe(20 * FRAME[form].length));
    expect(fixture.drained).toEqual([]);
  });
}

function describeClosingFull(use: Use, form: Form): void {
  it('closes a full viewer without waiting for it to read', async () => {
    const { connect, fixture } = use();
    const { client, viewer } = await connect(form);
    client.pause();
    await fill(fixture, viewer);
    fixture.sockets.close(viewer, BYE);
    await realTime.eventually(async () => expect(await fixture.open()).toBe(0));
    expect(fixture.drained).toEqual([]);
  });

  it('closes a viewer that no longer reads in bounded time, full or not', async () => {
    const { connect, fixture } = use();
    const [measured, stuck] = [await connect(form), await connect(form)];
    for (const { client } of [measured, stuck]) client.pause();
    const taken = await fill(fixture, measured.viewer);
    // One frame less than the other viewer accepted: bytes wait, and it is not full yet.
    for (let sent = 0; sent < taken - 1; sent++) {
      fixture.sockets.send(Int32Array.of(stuck.viewer), LARGE);
      await sleep(0);
    }
    fixture.sockets.close(measured.viewer);
    fixture.sockets.close(stuck.viewer, BYE);
    await realTime.eventually(async () => expect(await fixture.open()).toBe(0), 5_000);
  });
}
