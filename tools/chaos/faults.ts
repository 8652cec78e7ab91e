import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { PartName } from '../../compose/native/part-names';
import type { Role } from '../../test/stack/role-process';
import type { Fault, FaultContext } from './fault';
import { HOSTILE_FAULTS } from './hostile-faults';
import { REDIS_FAULTS } from './redis-faults';

const DOWN_MS = 2_000;

/** Longer than a lease and a group's session, so that others take over. */
const HALTED_MS = 9_000;
const PART_HALTED_MS = 4_000;
const BETWEEN_MS = 1_000;

const ROLES: readonly Role[] = ['producer', 'dispatcher', 'frontend'];
const PARTS: readonly PartName[] = ['kafka', 'cassandra', 'redis'];

/** All kinds of faults on real processes. */
export const FAULTS: readonly Fault[] = [
  ...ROLES.map((role) => ({ name: `${role} killed`, strike: killRole(role) })),
  ...ROLES.map((role) => ({
    name: `${role} halted ${HALTED_MS / 1_000} s`,
    strike: haltRole(role),
  })),
  ...PARTS.map((part) => ({ name: `${part} killed`, strike: killPart(part) })),
  ...PARTS.map((part) => ({
    name: `${part} halted ${PART_HALTED_MS / 1_000} s`,
    strike: haltPart(part),
  })),
  { name: 'redis emptied', strike: emptyRedis },
  ...REDIS_FAULTS,
  { name: 'producers killed between append and insert', strike: killBetween },
  ...HOSTILE_FAULTS,
];

function killRole(role: Role): Fault['strike'] {
  return async ({ pick, site, supervisor }) => {
    const one = site.roles[role][pick(site.roles[role].length)];
    await one?.end('SIGKILL');
    await pause(DOWN_MS);
    if (one) await supervisor.start(one);
  };
}

function haltRole(role: Role): Fault['strike'] {
  return async ({ pick, site }) => {
    const one = site.roles[role][pick(site.roles[role].length)];
    one?.signal('SIGSTOP');
    await pause(HALTED_MS);
    one?.signal('SIGCONT');
  };
}

function killPart(part: PartName): Fault['strike'] {
  return async ({ site: { stack } }) => {
    await stack.kill(part, 'SIGKILL');
    await pause(DOWN_MS);
    await stack.start(part);
  };
}

function haltPart(part: PartName): Fault['strike'] {
  return async ({ site: { stack } }) => {
    await stack.kill(part, 'SIGSTOP');
    await pause(PART_HALTED_MS);
    await stack.kill(part, 'SIGCONT');
  };
}

async function emptyRedis({ site: { stack } }: FaultContext): Promise<void> {
  const redis = new Redis(stack.addresses.redis);
  await redis.flushall();
  redis.disconnect();
}

/** While Cassandra is halted, likes are only in the log; then the producers are killed. */
async function killBetween({ site, supervisor }: FaultContext): Promise<void> {
  const { roles, stack } = site;
  await stack.kill('cassandra', 'SIGSTOP');
  await pause(BETWEEN_MS);
  await Promise.all(roles.producer.map((one) => one.end('SIGKILL')));
  await stack.kill('cassandra', 'SIGCONT');
  await Promise.all(roles.producer.map((one) => supervisor.start(one)));
}
