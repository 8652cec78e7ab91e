import { inBatches, MAX_IN_FLIGHT } from '../../../adapters/redis/batches';
import { settled } from '../../fixtures/deferred';

describe('inBatches', () => {
  it('returns all results in order, with a bounded number of items in flight', async () => {
    const items = Array.from({ length: 2 * MAX_IN_FLIGHT + 1 }, (_, at) => at);
    let inFlight = 0;
    let most = 0;
    const results = await inBatches(items, async (item) => {
      inFlight += 1;
      most = Math.max(most, inFlight);
      await settled();
      inFlight -= 1;
      return -item;
    });
    expect(results).toEqual(items.map((item) => -item));
    expect(most).toBe(MAX_IN_FLIGHT);
  });

  it('stops after the first batch that fails', async () => {
    const items = Array.from({ length: MAX_IN_FLIGHT + 1 }, (_, at) => at);
    const asked: number[] = [];
    const failing = inBatches(items, async (item) => {
      asked.push(item);
      throw new Error('unavailable');
    });
    await expect(failing).rejects.toThrow('unavailable');
    expect(asked).toHaveLength(MAX_IN_FLIGHT);
  });
});
