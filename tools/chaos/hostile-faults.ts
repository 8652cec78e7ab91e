import { setTimeout as pause } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { likes } from '../../schemas/likes';
import { Names } from '../../schemas/names';
import { CLOCK_SEEN_MS } from '../../test/stack/role-clock';
import type { Role } from '../../test/stack/role-process';
import type { Fault, FaultContext } from './fault';
import type { SideLoadOptions } from './side-load';

/** Far longer than the time-out of a store request. */
const CASSANDRA_HALTED_MS = 9_000;
const BEFORE_HALT_MS = 1_000;

/** Three of the run's dedupe windows. */
const HELD_BACK_MS = 30_000;
const BEFORE_HOLD_MS = 1_000;

const STEPPED_MS = 3_000;
const CLOCK_RECOVERY_MS = 5_000;

const FOREIGN_MEMBER_MS = 10_000;
/** A dispatcher that the group refuses never reports that it has started. */
const STARTED_WITHIN_MS = 5_000;
const FOREIGN_SESSION_MS = 6_000;
const NAMES = new Names();
const GROUP = NAMES.group('dc1.1', likes.name);
const TOPIC = NAMES.topic(likes.name, 1);

const BURST: SideLoadOptions = { rate: 1_500, batch: 50, answerTimeoutMs: 10_000, copies: 0 };
/** Load of clients that soon retry at the other producer. */
const IMPATIENT: SideLoadOptions = { rate: 100, batch: 1, answerTimeoutMs: 1_500, copies: 0 };
const TWICE: SideLoadOptions = { rate: 50, batch: 1, answerTimeoutMs: 5_000, copies: 0.5 };

const ROLES: readonly Role[] = ['producer', 'dispatcher', 'frontend'];

/** Clock steps and the step back to the real time, in libfaketime's syntax. */
const STEPS = [
  { name: '± 30 s', steps: ['+30s', '-30s'] },
  { name: '± a year', steps: ['+1y', '-1y'] },
] as const;

/** Faults other than crashes: slow stores, late bytes, wrong clocks, foreign group members. */
export const HOSTILE_FAULTS: readonly Fault[] = [
  { name: 'cassandra halted 9 s at 1,500 likes/s', strike: haltUnderBurst },
  { name: "producer's bytes to Kafka held back 30 s", strike: holdBytes },
  ...ROLES.flatMap((role) =>
    STEPS.map(({ name, steps }) => ({
      name: `${role}'s clock ${name}`,
      strike: stepClock(role, steps),
      recoverWithinMs: CLOCK_RECOVERY_MS,
      stepsClocks: true,
    })),
  ),
  { name: 'member with another assigner 10 s', strike: joinForeignMember },
];

async function haltUnderBurst({ load, site: { stack } }: FaultContext): Promise<void> {
  const burst = load(BURST);
  await pause(BEFORE_HALT_MS);
  await stack.kill('cassandra', 'SIGSTOP');
  await pause(CASSANDRA_HALTED_MS);
  await stack.kill('cassandra', 'SIGCONT');
  void burst.stop();
}

async function holdBytes({ load, site: { link } }: FaultContext): Promise<void> {
  const impatient = load(IMPATIENT);
  await pause(BEFORE_HOLD_MS);
  link?.hold();
  await pause(HELD_BACK_MS);
  link?.release();
  void impatient.stop();
}

function stepClock(role: Role, steps: readonly string[]): Fault['strike'] {
  return async ({ load, pick, site }) => {
    const one = site.roles[role][pick(site.roles[role].length)];
    if (!one) throw new Error(`there is no ${role}`);
    const clock = site.clockOf(one);
    const twice = load(TWICE);
    for (const step of steps) {
      clock.step(step);
      await pause(STEPPED_MS);
    }
    clock.stepBack();
    await pause(CLOCK_SEEN_MS);
    void twice.stop();
  };
}

/**
 * Keeps a member with another assigner in the consumer group for 10 s, like a release that assigns
 * partitions differently. Both dispatchers start meanwhile; the group refuses them until it leaves.
 */
export async function joinForeignMember({
  site,
  supervisor,
}: Pick<FaultContext, 'site' | 'supervisor'>): Promise<void> {
  const { dispatcher } = site.roles;
  const brokers = [site.stack.addresses.kafka];
  const foreign = new Kafka({ brokers, logLevel: logLevel.NOTHING }).consumer({
    groupId: GROUP,
    sessionTimeout: FOREIGN_SESSION_MS,
  });
  await Promise.all(dispatcher.map((one) => one.end('SIGTERM')));
  await foreign.connect();
  await foreign.subscribe({ topics: [TOPIC] });
  const joined = new Promise((resolve) => foreign.on(foreign.events.GROUP_JOIN, resolve));
  await foreign.run({ autoCommit: false, eachBatch: async () => undefined });
  await joined;
  const starting = Promise.all(dispatcher.map((one) => supervisor.start(one)));
  starting.catch(() => undefined);
  // The 10 s begin after the dispatchers' start, even if that is slow.
  await Promise.race([starting, pause(STARTED_WITHIN_MS)]).catch(() => undefined);
  await pause(FOREIGN_MEMBER_MS);
  await foreign.disconnect();
  await starting;
}
