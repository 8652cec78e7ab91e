import { openRedis, type RedisClient } from '../../adapters/redis/client';
import { RedisRateLevels } from '../../adapters/redis/rate-levels';
import { redisServer } from '../../adapters/redis/servers';
import { RateExchange } from '../../producers/rate-exchange';
import { RequestLimits } from '../../producers/request-limits';
import { systemClock as clock, pause } from '../../runtime/clock';
import { likes } from '../../schemas/likes';
import { Names } from '../../schemas/names';
import { eventually } from '../end-to-end/api';
import { RedisProcess } from './redis-process';

const PRODUCERS = 3;
const RATE = { perS: 50, burst: 100 };
/** Between two rounds of likes, each of which is far over the limit. */
const ROUND_MS = 5;
const LIKES_A_ROUND = 5;

jest.setTimeout(300_000);

let server: RedisProcess;
let producers: readonly Producer[];

/** A producer with a connection of its own. */
class Producer {
  readonly redis: RedisClient;
  readonly limits: RequestLimits;
  readonly exchange: RateExchange;
  failures = 0;

  constructor(url: string) {
    this.redis = openRedis(redisServer(url));
    const levels = new RedisRateLevels(this.redis, new Names(), clock);
    this.exchange = new RateExchange({ levels, clock, failed: () => this.failures++ });
    this.limits = new RequestLimits({
      allowancesOf: (name) =>
        name === 'entries' ? this.exchange.allowances(name, RATE) : undefined,
      limited: () => undefined,
    });
  }

  like(id: string): boolean {
    try {
      this.limits.requireEntries(likes, 'video:1', { id });
      return true;
    } catch {
      return false;
    }
  }

  close(): void {
    this.exchange.close();
    this.redis.close();
  }
}

beforeAll(async () => {
  server = await RedisProcess.start({ lines: ['save ""'] });
  producers = Array.from({ length: PRODUCERS }, () => new Producer(`redis://${server.address}`));
  await Promise.all(producers.map(({ redis }) => redis.whenReady()));
}, 300_000);

afterAll(async () => {
  for (const producer of producers) producer.close();
  await server.end();
});

interface Flood {
  readonly accepted: number;
  readonly sent: number;
  readonly seconds: number;
}

/** A member likes at all producers as fast as it can, until `isOver` says so. */
async function flood(
  member: string,
  isOver: (of: Flood) => boolean,
): Promise<Flood & { readonly perS: number }> {
  let [accepted, sent] = [0, 0];
  const begun = clock.monotonic();
  for (;;) {
    for (const producer of producers) {
      for (let at = 0; at < LIKES_A_ROUND; at++) {
        sent += 1;
        if (producer.like(member)) accepted += 1;
      }
    }
    await pause(clock, ROUND_MS);
    const seconds = (clock.monotonic() - begun) / 1_000;
    if (isOver({ accepted, sent, seconds })) {
      return { accepted, sent, seconds, perS: accepted / seconds };
    }
  }
}

const forSeconds =
  (most: number) =>
  ({ seconds }: Flood) =>
    seconds >= most;

function say(name: string, { accepted, perS, sent, seconds }: Flood & { perS: number }): void {
  const rates = `${perS.toFixed(1)} of ${(sent / seconds).toFixed(0)} likes/s accepted`;
  process.stderr.write(`${name}: ${rates}, ${accepted} in ${seconds.toFixed(1)} s\n`);
}

/** What all producers may accept together: the rate, bursts, and what one exchange is late. */
function mostShared(seconds: number, bursts: number): number {
  return RATE.perS * seconds + bursts * RATE.burst;
}

it('producers on one Redis accept the rate of a member together, not each of them', async () => {
  const first = await flood('ann', forSeconds(5));
  say(`${PRODUCERS} producers, from rest`, first);
  expect(first.accepted).toBeLessThanOrEqual(mostShared(first.seconds, PRODUCERS));
  const later = await flood('ann', forSeconds(5));
  say(`${PRODUCERS} producers, later`, later);
  // Each of them may be ahead by what comes back between two exchanges.
  expect(later.accepted).toBeLessThanOrEqual(mostShared(later.seconds, 0.5));
  expect(later.accepted).toBeGreaterThanOrEqual((RATE.perS * later.seconds) / 2);
});

it.each([
  ['is killed', () => server.kill(), () => server.start()],
  ['hangs', async () => server.signal('SIGSTOP'), async () => server.signal('SIGCONT')],
])('each producer decides alone while Redis %s, and together afterwards', async (_, stop, go) => {
  const member = `member whose Redis ${_}`;
  await flood(member, forSeconds(3));
  await stop();
  try {
    for (const producer of producers) producer.failures = 0;
    await flood(member, () => producers.every(({ failures }) => failures > 0));
    const alone = await flood(member, forSeconds(5));
    say(`Redis ${_}`, alone);
    // Each producer limits alone, without waiting for Redis.
    expect(alone.accepted).toBeGreaterThan(1.5 * RATE.perS * alone.seconds);
    expect(alone.accepted).toBeLessThanOrEqual(
      PRODUCERS * (RATE.perS * alone.seconds + RATE.burst),
    );
  } finally {
    await go();
  }
  await Promise.all(producers.map(({ redis }) => eventually(() => redis.whenReady(), 20_000)));
  // What was used meanwhile is subtracted first.
  await flood(member, forSeconds(5));
  const shared = await flood(member, forSeconds(5));
  say('back', shared);
  expect(shared.accepted).toBeLessThanOrEqual(mostShared(shared.seconds, 0.5));
  expect(shared.accepted).toBeGreaterThan(0);
});
