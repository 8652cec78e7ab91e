import { createTabs, type Tabs } from '../../client/tabs';
import { fakeBrowser, type Grant } from './fake-browser';

const refuse: Grant = () => Promise.reject(new DOMException('no', 'InvalidStateError'));

/** A tab that is not heard of for this time is silent. */
const SILENT_MS = 41_000;

/** More turns than the requests of a test need. */
const TURNS = 100;

async function turns(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await Promise.resolve();
}

function join(life: AbortSignal): { joined: jest.Mock; lead: jest.Mock; tabs: Tabs } {
  const joined = jest.fn();
  const lead = jest.fn();
  const receive = () => {};
  const mayTake = () => false;
  const tabs = createTabs('site ', 'me', life, receive, joined, lead, mayTake);
  return { joined, lead, tabs };
}

describe('a tab', () => {
  let life: AbortController;
  beforeEach(() => {
    life = new AbortController();
  });
  afterEach(() => life.abort());

  it('opens a stream of its own, without messages, where it gets no lock', async () => {
    const { posts } = fakeBrowser(refuse);
    const { joined, lead, tabs } = join(life.signal);
    await turns();
    expect(joined.mock.calls).toEqual([[true]]);
    expect(lead.mock.calls).toEqual([[true]]);
    tabs.post('cut');
    expect(posts).toEqual([]);
  });

  it('asks once for the lead if it is refused, as WebKit does in a page that is gone', async () => {
    const { asked } = fakeBrowser((name, then) =>
      name === 'site ' ? refuse(name, then) : Promise.resolve(then()),
    );
    const { lead } = join(life.signal);
    await turns();
    expect(asked).toEqual(['site me', 'site ']);
    expect(lead).not.toHaveBeenCalled();
  });

  it('asks for the lead again after another tab has taken it', async () => {
    let steal = () => {};
    const { asked } = fakeBrowser((_, then) => {
      const stolen = new Promise((_resolve, reject) => {
        steal = () => reject(new DOMException('stolen', 'AbortError'));
      });
      return Promise.race([then(), stolen]);
    });
    const { lead } = join(life.signal);
    await turns();
    steal();
    await turns();
    expect(asked).toEqual(['site me', 'site ', 'site ']);
    expect(lead.mock.calls).toEqual([[true], [false], [true]]);
  });

  it('leads nothing if it ends before its lock is refused', async () => {
    fakeBrowser(refuse);
    const { joined, lead } = join(life.signal);
    life.abort();
    await turns();
    expect(joined).not.toHaveBeenCalled();
    expect(lead.mock.calls).toEqual([[false]]);
  });

  it('says that it has taken the lead from a tab that is silent', async () => {
    jest.useFakeTimers();
    fakeBrowser((_, then) => Promise.resolve(then()));
    const lead = jest.fn();
    const none = () => {};
    createTabs('site ', 'me', life.signal, none, none, lead, () => true);
    await turns();
    lead.mockClear();
    await jest.advanceTimersByTimeAsync(SILENT_MS);
    await turns();
    expect(lead).toHaveBeenCalledWith(true, true);
    jest.useRealTimers();
  });
});
