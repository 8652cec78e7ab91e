import { eventually, post, range } from '../end-to-end/api';
import { endServers, Server } from '../end-to-end/server';
import { ClientPage, type Seen } from './client-page';
import type { Engine, EngineKind } from './engines/engine';
import { FaultyFront, PAGE_PATH } from './faulty-front';
import { LoopbackProxy } from './loopback-proxy';

const START_MS = 180_000;
export const TEST_MS = 120_000;
export const WAIT_MS = 30_000;

/** The parts of one run: a server, its front, and a browser. */
export class ClientRun {
  private constructor(
    public server: Server,
    readonly front: FaultyFront,
    readonly engine: Engine,
    private readonly proxy: LoopbackProxy,
  ) {}

  static async start(kind: EngineKind, executable: string, env = {}): Promise<ClientRun> {
    const server = await Server.startToReturn({ env });
    const front = await FaultyFront.start(server.port);
    const proxy = await LoopbackProxy.start();
    return new ClientRun(server, front, await kind.start(executable, proxy.port), proxy);
  }

  get page(): ClientPage {
    return new ClientPage(this.engine, this.front.url + PAGE_PATH);
  }

  async end(): Promise<void> {
    await this.engine.end();
    this.front.close();
    this.proxy.close();
    await endServers();
  }
}

/** Waits until the page shows a total. */
export async function expectTotal(page: ClientPage, total: number): Promise<Seen> {
  return eventually(async () => {
    const seen = await page.seen();
    expect(seen.totals.at(-1)).toBe(total);
    return seen;
  }, WAIT_MS);
}

/** Waits until the page has got these comments. */
export async function expectComments(page: ClientPage, texts: readonly string[]): Promise<Seen> {
  return eventually(async () => {
    const seen = await page.seen();
    expect(seen.comments).toEqual(texts);
    return seen;
  }, WAIT_MS);
}

/** The states of all statuses so far. */
export const statesOf = ({ statuses }: Seen): string[] => statuses.map(({ state }) => state);

/** Waits until the newest status has a state. */
export async function expectState(page: ClientPage, state: string): Promise<void> {
  await eventually(async () => expect(statesOf(await page.seen()).at(-1)).toBe(state), WAIT_MS);
}

/** A random number from 0 to 1, always the same sequence. */
export function randomly(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

/** Starts a run for the tests of a block, and ends it after them. */
export function runFor(kind: EngineKind, executable: string, env = {}): () => ClientRun {
  let run: ClientRun;
  beforeAll(async () => {
    run = await ClientRun.start(kind, executable, env);
  }, START_MS);
  afterEach(() => {
    run.front.fault = () => undefined;
  });
  afterAll(() => run?.end(), START_MS);
  return () => run;
}

/** Likes of other people. */
export async function others(run: ClientRun, video: string, count: number): Promise<void> {
  const likes = range(count).map(() => ({}));
  expect((await post(run.server.url, video, { likes })).status).toBe(201);
}
