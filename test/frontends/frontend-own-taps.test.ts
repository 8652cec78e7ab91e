import { v7 } from 'uuid';
import { ground, ORIGIN } from '../dispatchers/parts';
import { logged } from '../fixtures/records';
import { finish, frontend, VIDEO } from './parts';

const START = 1_700_000_000_000;

it('a page learns that its own tap is in the state, although it was a copy', async () => {
  const partition = ground().open();
  const id = v7({ msecs: START });
  const { apply, begin, changed, open, sockets } = frontend();
  const { viewer } = open([VIDEO]);
  for (const [offset, producer] of ['a', 'b'].entries()) {
    const [published] = await partition.consume([logged(offset, { id, at: START, producer })]);
    apply(VIDEO, published?.update.vector ?? {}, 0);
    for (const view of [...changed]) finish(begin(VIDEO, view));
  }
  const { data } = sockets.eventsOf(viewer).at(-1) ?? {};
  expect(data).toMatchObject({ total: 1, seen: `${ORIGIN}@1` });
});

it('the version of a copy of an earlier log is reached', async () => {
  const { open, store } = ground({ followsAnotherLog: true });
  const id = v7({ msecs: START });
  store.elsewhere.set(`${VIDEO}/${id}`, ['dc1.0']);
  const [published] = await open().consume([logged(0, { id, at: START })]);
  expect(published?.update.vector[ORIGIN]?.version).toBe(0);
});
