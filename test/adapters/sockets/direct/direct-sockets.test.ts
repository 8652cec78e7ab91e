import { DirectSockets } from '../../../../adapters/sockets/direct/direct-sockets';
import { systemClock } from '../../../../runtime/clock';
import { loadLibc } from '../../../../runtime/libc';
import { frameOf } from '../../../../schemas/frame';
import { type Form, RawViewer } from '../../../contract/raw-viewer';
import { behindServer } from '../../../contract/sockets-server';
import {
  adoptedOf,
  BYE,
  endedBytesOf,
  type SocketsFixture,
} from '../../../contract/sockets-support';
import { realTime } from '../../../contract/time';

/** More than the kernel holds for a viewer that does not read. */
const HUGE = frameOf('y'.repeat(1_000_000));

let fixture: SocketsFixture;
let client: RawViewer;
beforeEach(async () => {
  fixture = await behindServer(new DirectSockets(loadLibc(), systemClock));
});
afterEach(async () => {
  client.destroy();
  await fixture.close();
});

/** A viewer that was sent a part of HUGE, whose rest waits. */
async function viewerOfPart(form: Form): Promise<number> {
  client = new RawViewer(fixture.port, { form });
  const viewer = await adoptedOf(fixture, client);
  await realTime.eventually(() => expect(client.head).toBeDefined());
  client.pause();
  expect(fixture.sockets.send(Int32Array.of(viewer), HUGE)).toEqual([]);
  return viewer;
}

describe('a viewer that was sent a part of a frame', () => {
  it.each<Form>(['chunked', 'plain'])(
    'is ended after its rest and a last frame (%s)',
    async (form) => {
      const viewer = await viewerOfPart(form);
      fixture.sockets.close(viewer, BYE);
      client.resume();
      await realTime.eventually(() => expect(client.isOver).toBe(true));
      expect(client.body.equals(endedBytesOf([HUGE, BYE], form))).toBe(true);
    },
  );

  it('is ended after its rest without a last frame if it gets chunks', async () => {
    const viewer = await viewerOfPart('chunked');
    fixture.sockets.close(viewer);
    client.resume();
    await realTime.eventually(() => expect(client.isOver).toBe(true));
    expect(client.body.equals(endedBytesOf([HUGE]))).toBe(true);
  });

  it('is reset without a last frame if it gets no chunks', async () => {
    const viewer = await viewerOfPart('plain');
    fixture.sockets.close(viewer);
    expect(await fixture.open()).toBe(0);
    client.resume();
    await realTime.eventually(() => expect(client.isOver).toBe(true));
    expect(client.body.length).toBeLessThan(HUGE.plain.length);
    expect(HUGE.plain.subarray(0, client.body.length).equals(client.body)).toBe(true);
  });
});
