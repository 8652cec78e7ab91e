import { STORE_UNAVAILABLE_MS, StoreAvailability } from '../../producers/store-availability';
import { VirtualClock } from '../simulation/virtual-clock';
import { FakeStore } from './parts';

const VIDEO = 'video:42';

function ground() {
  const [clock, store] = [new VirtualClock(), new FakeStore()];
  return { availability: new StoreAvailability(store, clock), clock, store };
}

describe('StoreAvailability', () => {
  it('makes no request before a failure', async () => {
    const { availability, store } = ground();
    await availability.require(VIDEO);
    expect(store.lookUps).toEqual([]);
  });

  it('rejects after a failure without a request, until the time for a probe', async () => {
    const { availability, clock, store } = ground();
    availability.noteFailure();
    await clock.advance(STORE_UNAVAILABLE_MS - 1);
    await expect(availability.require(VIDEO)).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(store.lookUps).toEqual([]);
  });

  it('rejects all requests during a probe, and none after it succeeded', async () => {
    const { availability, clock, store } = ground();
    availability.noteFailure();
    await clock.advance(STORE_UNAVAILABLE_MS);
    const probe = availability.require(VIDEO);
    await expect(availability.require(VIDEO)).rejects.toMatchObject({ code: 'store_unavailable' });
    await probe;
    await availability.require(VIDEO);
    expect(store.lookUps).toHaveLength(1);
  });

  it('waits for the next probe after a probe failed', async () => {
    const { availability, clock, store } = ground();
    availability.noteFailure();
    await clock.advance(STORE_UNAVAILABLE_MS);
    store.isUnavailable = true;
    await expect(availability.require(VIDEO)).rejects.toMatchObject({ code: 'store_unavailable' });
    await expect(availability.require(VIDEO)).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(store.lookUps).toHaveLength(1);
  });
});
