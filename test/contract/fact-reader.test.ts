import { EmbeddedFacts } from '../../adapters/embedded/fact-store';
import { HttpFacts } from '../../adapters/http/fact-reader';
import { addFactRoutes } from '../../app/fact-routes';
import { FactWatch } from '../../app/fact-watch';
import { ServiceClient } from '../../runtime/services/service-client';
import { openSimulatedDisk } from './embedded';
import { describeFactsContract } from './facts.contract';
import { identityOf, openService, SECRET } from './service-server';

describeFactsContract('HTTP, of the primary', async () => {
  const { clock, database, time } = openSimulatedDisk();
  const stored = new EmbeddedFacts(database);
  const watch = new FactWatch({ store: stored, clock, failed: () => undefined });
  const server = await openService((router) => addFactRoutes(router, watch));
  const client = new ServiceClient(identityOf(SECRET));
  const reader = new HttpFacts(client, server.url);
  await watch.start();
  const facts = {
    read: (seen?: string) => reader.read(seen),
    async set(name: string, holds: boolean) {
      await time.finish(stored.set(name, holds));
      await watch.read();
    },
  };
  return {
    stores: [facts, facts],
    async close() {
      watch.stop();
      await client.close();
      await server.close();
    },
  };
});
