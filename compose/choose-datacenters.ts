import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { App } from './app/app';
import { chooseStack, type StackChoice } from './choose-stack';
import { environmentOf } from './native/addresses';
import { Datacenters, folderOf } from './native/datacenters';
import { DEFAULT_PORTS } from './native/ports';
import { PrintedProgress } from './native/progress';
import type { Stack } from './native/stack';
import type { Environment } from './summary';

/** The distance between the ports of two datacenters. */
const PORTS_APART = 10_000;

export const MAX_DATACENTERS = 3;

/** The servers of one datacenter or several, and the app of each. */
export interface Chosen {
  readonly servers: Pick<Stack, 'start' | 'stop' | 'reset' | 'status'>;
  /** In the order of the datacenters. */
  readonly apps: readonly App[];
  /** By datacenter, the variables with its addresses; available after the first start. */
  environments(): Environment[];
}

/** One datacenter, by Docker or as processes; or several, always as processes. */
export async function chooseDatacenters(
  choice: StackChoice & { readonly datacenters?: number },
): Promise<Chosen> {
  const folder = resolve(choice.folder);
  const progress = new PrintedProgress(process.stdout);
  const count = choice.datacenters ?? datacentersIn(folder);
  const names = Array.from({ length: count }, (_, at) => `dc${at + 1}`);
  const apps = names.map((name) => new App(folderOf(folder, names, name), progress));
  if (count === 1) {
    const stack = await chooseStack(choice);
    return { servers: stack, apps, environments: () => [environmentOf(stack.addresses)] };
  }
  const { fullSpeed = false } = choice;
  const ports = names.map((_, at) => ({ ...portsOf(at), ...(at === 0 && choice.ports) }));
  const servers = new Datacenters({ folder, names, ports, fullSpeed, detached: true, progress });
  const environment = (name: string): Environment => ({
    ...environmentOf(servers.addresses(name)),
    ...servers.peersOf(name),
  });
  return { servers, apps, environments: () => names.map(environment) };
}

function portsOf(at: number) {
  const { cassandra, kafka, redis } = DEFAULT_PORTS;
  const apart = at * PORTS_APART;
  return { cassandra: cassandra + apart, kafka: kafka + apart, redis: redis + apart };
}

/** The number of datacenters that this folder had at its last start. */
function datacentersIn(folder: string): number {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const others = names.filter((name) => /^stack-dc\d+$/.test(name));
  return existsSync(join(folder, 'mirror')) ? others.length + 1 : 1;
}
