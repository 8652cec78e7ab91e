import { logLevel } from 'kafkajs';
import { kafkaLogLines } from '../../../../adapters/kafka/client/log-lines';
import { VirtualClock } from '../../../simulation/virtual-clock';

function use() {
  const clock = new VirtualClock();
  const [warned, debugged]: [string[], string[]] = [[], []];
  const write = kafkaLogLines(
    {
      warn: (_: object, text: string) => void warned.push(text),
      debug: (_: object, text: string) => void debugged.push(text),
    } as Parameters<typeof kafkaLogLines>[0],
    clock,
  );
  const log = (level: logLevel, message: string) =>
    write({
      namespace: '',
      label: '',
      level,
      log: { timestamp: '', logger: undefined as never, message },
    });
  return { clock, debugged, log, warned };
}

test("kafkajs's errors are logged at warn, its warnings at debug", () => {
  const { debugged, log, warned } = use();
  log(logLevel.ERROR, 'Crash');
  log(logLevel.WARN, 'rebalancing');
  expect(warned).toEqual(['Crash']);
  expect(debugged).toEqual(['rebalancing']);
});

test('a message that repeats is logged once in ten seconds', async () => {
  const { clock, log, warned } = use();
  for (let second = 0; second < 30; second++) {
    log(logLevel.ERROR, 'ECONNREFUSED');
    await clock.advance(1_000);
  }
  expect(warned).toHaveLength(3);
});

test('the number of remembered messages is bounded', () => {
  const { log, warned } = use();
  log(logLevel.ERROR, 'first');
  for (let at = 0; at < 100; at++) log(logLevel.ERROR, `${at}`);
  log(logLevel.ERROR, 'first');
  expect(warned.filter((text) => text === 'first')).toHaveLength(2);
});

test('an error that an operator must mend is one line of advice, once a minute', async () => {
  const { clock, debugged, log, warned } = use();
  for (let second = 0; second < 120; second++) {
    log(logLevel.ERROR, 'Connection error: unable to verify the first certificate');
    log(logLevel.ERROR, 'Failed to connect: unable to verify the first certificate');
    await clock.advance(1_000);
  }
  expect(warned).toEqual(new Array(2).fill(expect.stringContaining('set KAFKA_CA_FILE')));
  expect(debugged).toHaveLength(240);
});
