import { EmbeddedMoments, MAX_WAITING_MOMENTS } from '../../adapters/embedded/moments';
import { VirtualClock } from '../simulation/virtual-clock';
import { describeMomentsContract, moment, RecordingReceiver } from './moments.contract';
import { virtualTime } from './time';

const datacenter = 'dc1';
const failed = (): void => undefined;

describeMomentsContract('embedded', async () => {
  const clock = new VirtualClock();
  const moments = new EmbeddedMoments({ datacenter, clock, failed });
  return { datacenter, time: virtualTime(clock), open: () => moments };
});

test('embedded moments are refused while too many wait', async () => {
  const clock = new VirtualClock();
  const moments = new EmbeddedMoments({ datacenter, clock, failed });
  const receiver = new RecordingReceiver();
  await moments.start(receiver);
  const many = Array.from({ length: MAX_WAITING_MOMENTS }, (_, at) => moment('conversation:a', at));
  await moments.send(many);
  await expect(moments.send([moment('conversation:a', 1)])).rejects.toMatchObject({
    code: 'log_refused',
  });
  await clock.advance(0);
  expect(receiver.received).toHaveLength(MAX_WAITING_MOMENTS);
  await moments.send([moment('conversation:a', 1)]);
});

test('embedded moments before the start are dropped', async () => {
  const clock = new VirtualClock();
  const moments = new EmbeddedMoments({ datacenter, clock, failed });
  await moments.send([moment('conversation:a', 1)]);
  const receiver = new RecordingReceiver();
  await moments.start(receiver);
  await clock.advance(0);
  expect(receiver.received).toEqual([]);
});
