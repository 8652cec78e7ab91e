import { randomUUID } from 'node:crypto';
import type { FactStore } from '../../adapters/fact-store';

export interface FactsFixture {
  /** Stores of two processes on the same data; the same one if only one process can have it. */
  readonly stores: readonly [FactStore, FactStore];
  readonly close: () => Promise<void>;
}

/** The contract of every store of facts. */
export function describeFactsContract(name: string, open: () => Promise<FactsFixture>): void {
  describe(`the facts: ${name}`, () => {
    let fixture: FactsFixture;
    beforeAll(async () => {
      fixture = await open();
    });
    afterAll(() => fixture.close());

    const fresh = () => `banned/${randomUUID()}`;
    const names = async (at: 0 | 1) => (await fixture.stores[at].read())?.names;

    it('a fact that one process sets holds for the other one', async () => {
      const fact = fresh();
      await fixture.stores[0].set(fact, true);
      expect(await names(1)).toContain(fact);
    });

    it('a fact that is set again, and taken back by the other process, holds no more', async () => {
      const [fact, other] = [fresh(), fresh()];
      for (const each of [fact, fact, other]) await fixture.stores[0].set(each, true);
      await fixture.stores[1].set(fact, false);
      expect(await names(0)).not.toContain(fact);
      expect(await names(0)).toContain(other);
    });

    it('the newest of many changes by both processes wins, whatever their clocks say', async () => {
      const fact = fresh();
      for (let change = 0; change < 9; change++) {
        await fixture.stores[change % 2 === 0 ? 0 : 1].set(fact, change % 2 === 0);
      }
      expect(await names(1)).toContain(fact);
    });

    it('a fact that was never set can be taken back', async () => {
      const fact = fresh();
      await fixture.stores[0].set(fact, false);
      expect(await names(0)).not.toContain(fact);
    });

    it('returns nothing while the version stays, and each change has another one', async () => {
      const [writer, reader] = fixture.stores;
      const fact = fresh();
      await writer.set(fact, true);
      const before = await reader.read();
      expect(await reader.read(before?.version)).toBeUndefined();
      await writer.set(fact, false);
      const after = await reader.read(before?.version);
      expect(after?.names).not.toContain(fact);
      expect(await reader.read(after?.version)).toBeUndefined();
    });

    it('lists all of many facts', async () => {
      const many = Array.from({ length: 40 }, fresh);
      await Promise.all(many.map((fact) => fixture.stores[0].set(fact, true)));
      expect(await names(1)).toEqual(expect.arrayContaining(many));
    });
  });
}
