import { channelOf, idIn } from '../../schemas/channels';
import { EventTypes } from '../../schemas/event-types';
import { likes } from '../../schemas/likes';

it('builds the channel name that a stream asks for', () => {
  expect(new EventTypes([likes]).parseChannel(channelOf(likes, '42'))).toBe('video:42');
});

it('returns the id in a channel name', () => {
  expect(idIn(channelOf(likes, 'a.b-c_d'))).toBe('a.b-c_d');
});
