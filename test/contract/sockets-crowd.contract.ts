import { setTimeout as sleep } from 'node:timers/promises';
import type { Viewer } from '../../adapters/viewer-sockets';
import { MarkedViewer, markedFrame } from './marked-viewer';
import { FRAME, type SocketsFixture, type Use } from './sockets-support';
import { realTime } from './time';

/** The number of viewers that leave at once; both ends are descriptors of this process. */
const LEAVING_VIEWERS = Number(process.env.LEAVING_VIEWERS ?? 2_000);

/** The number of frames that are searched for bytes of another stream. */
const MARKED_FRAMES = Number(process.env.MARKED_FRAMES ?? 100_000);

const CROWD_MS = 600_000;
const AT_ONCE = 200;
const CONNECTING_AT_ONCE = 500;
const FRAMES_A_TURN = 5;

/** Many viewers. */
export function describeCrowds(use: Use): void {
  it(
    `emits one \`gone\` for each of ${LEAVING_VIEWERS} viewers that leave at once`,
    async () => {
      const { fixture } = use();
      const clients: MarkedViewer[] = [];
      while (clients.length < LEAVING_VIEWERS) {
        const more = Math.min(CONNECTING_AT_ONCE, LEAVING_VIEWERS - clients.length);
        clients.push(...Array.from({ length: more }, () => new MarkedViewer(fixture.port)));
        await realTime.eventually(() => expect(fixture.adopted.size).toBe(clients.length));
      }
      const viewers = [...fixture.adopted.values()].map(Number).sort((a, b) => a - b);
      for (const [at, client] of clients.entries()) {
        if (at % 2) client.destroy();
        else client.reset();
      }
      while (fixture.gone.length < LEAVING_VIEWERS) {
        fixture.sockets.send(Int32Array.from(viewers), FRAME);
        await sleep(1);
      }
      await realTime.eventually(async () => expect(await fixture.open()).toBe(0));
      expect([...fixture.gone].sort((a, b) => a - b)).toEqual(viewers);
    },
    CROWD_MS,
  );

  it(
    `sends no byte to another viewer, over ${MARKED_FRAMES} frames`,
    async () => {
      const { fixture } = use();
      const crowd = new Crowd(fixture);
      for (let turn = 0; crowd.checked < MARKED_FRAMES; turn++) {
        crowd.turn(turn);
        await sleep(0);
        expect(crowd.faults()).toEqual([]);
      }
      expect(crowd.comings).toBeGreaterThan(MARKED_FRAMES / 2_000);
      crowd.leave();
    },
    CROWD_MS,
  );
}

/** Viewers that connect and disconnect all the time, each with its own frames. */
class Crowd {
  comings = 0;
  private readonly clients: MarkedViewer[] = [];
  private before = 0;

  constructor(private readonly fixture: SocketsFixture) {}

  get checked(): number {
    return this.clients.reduce((all, { checked }) => all + checked, this.before);
  }

  faults(): string[] {
    return this.clients.flatMap(({ fault }) => fault ?? []);
  }

  /** Sends to all; one viewer connects, and one ends, on either side. */
  turn(turn: number): void {
    for (const client of this.clients) this.sendTo(client);
    if (this.clients.length >= AT_ONCE) this.lose((turn * 7_919) % AT_ONCE, turn % 4);
    const form = turn % 3 ? 'chunked' : 'plain';
    this.clients.push(new MarkedViewer(this.fixture.port, form));
    this.comings += 1;
  }

  leave(): void {
    for (const client of this.clients) client.destroy();
  }

  private viewerOf(client: MarkedViewer): Viewer | undefined {
    const viewer = this.fixture.adopted.get(client.mark);
    return typeof viewer === 'number' ? viewer : undefined;
  }

  private sendTo(client: MarkedViewer): void {
    const viewer = this.viewerOf(client);
    if (viewer === undefined) return;
    for (let sent = 0; sent < FRAMES_A_TURN; sent++) {
      const frame = markedFrame(client.mark, client.next);
      if (this.fixture.sockets.send(Int32Array.of(viewer), frame).length > 0) return;
      client.next += 1;
    }
  }

  private lose(at: number, how: number): void {
    const [client] = this.clients.splice(at, 1);
    if (!client) return;
    this.before += client.checked;
    const viewer = this.viewerOf(client);
    if (how === 0) client.destroy();
    else if (how === 1 || viewer === undefined) client.reset();
    else this.fixture.sockets.close(viewer, markedFrame(client.mark, client.next));
    if (how === 3) client.reset();
  }
}
