import { byChannel } from '../../dispatchers/by-channel';

test('groups items by channel; channels and items keep their order', () => {
  const items = ['video:2', 'video:1', 'video:2'].map((channel, at) => ({ channel, at }));
  expect([...byChannel(items)]).toEqual([
    ['video:2', [items[0], items[2]]],
    ['video:1', [items[1]]],
  ]);
});
