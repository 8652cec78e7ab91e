import { setImmediate as turn } from 'node:timers/promises';
import { createChannels } from '../../client/channels';
import { joinGroup } from '../../client/group';
import type { Tell } from '../../client/messages';
import { fakeBrowser } from './fake-browser';

const CHANNEL = 'video:42';
const wants = { types: ['likes'], channels: { [CHANNEL]: '' } };

/** A tab that leads; other tabs keep their locks. */
async function lead(life: AbortSignal) {
  const browser = fakeBrowser((name, then) => {
    return name.endsWith('other') ? new Promise(() => {}) : Promise.resolve().then(then);
  });
  let tell: Tell = () => {};
  const channels = createChannels(async () => ({ isOk: false, status: 0 }));
  channels.of(CHANNEL).handlers.add({ viewers() {} });
  joinGroup('site ', true, 'me', life, channels, jest.fn(), (given) => {
    tell = given;
    return { want() {}, rejoin() {}, cut() {} };
  });
  await turn();
  const show = (viewers: number) => {
    tell('event', { name: 'viewers', data: { channel: CHANNEL, viewers } }, `id ${viewers}`);
  };
  const kinds = () => browser.posts.map(([kind]) => kind);
  return { ...browser, kinds, show };
}

describe('the tab that leads', () => {
  let life: AbortController;
  beforeEach(() => {
    life = new AbortController();
  });
  afterEach(() => life.abort());

  it('posts nothing of its stream while there is no other tab', async () => {
    const { kinds, show } = await lead(life.signal);
    show(1);
    expect(new Set(kinds())).toEqual(new Set(['tab']));
  });

  it('sends the state to a new tab, and all events from then on', async () => {
    const { hear, posts, show } = await lead(life.signal);
    show(1);
    hear('tab', 'other', wants, true);
    show(2);
    const held = [{ name: 'viewers', data: { channel: CHANNEL, viewers: 1 } }];
    expect(posts.slice(-2)).toEqual([
      ['state', 'other', held, 'id 1', expect.anything()],
      ['event', { name: 'viewers', data: { channel: CHANNEL, viewers: 2 } }, 'id 2'],
    ]);
  });
});
