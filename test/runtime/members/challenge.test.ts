import { requireRight } from '../../../runtime/members/challenge';
import { ForwardedMembers, memberHeader } from '../../../runtime/members/forwarded-members';
import { RequestMembers } from '../../../runtime/members/request-members';
import { MEMBER_HEADER } from '../../../runtime/services/signed-call';
import { WATCH_RIGHTS } from '../../../schemas/rights';
import { VirtualClock } from '../../simulation/virtual-clock';
import { contextOf } from '../requests';

const ADDRESS = '192.0.2.7';
const unauthorized = expect.objectContaining({ code: 'unauthorized', status: 401 });

const refusals: string[][] = [];
const refused = (...refusal: string[]) => refusals.push(refusal);
beforeEach(() => {
  refusals.length = 0;
});

/** Members who may all watch without a token. */
function anyoneWatches(): RequestMembers {
  return new RequestMembers({
    clock: new VirtualClock(),
    cookies: { set: () => undefined },
    verifier: undefined,
    anonymous: {
      ids: { idIn: () => undefined, make: () => 'anonymous-1' },
      rights: WATCH_RIGHTS,
    },
    addressOf: () => ADDRESS,
    refused,
  });
}

it('a right that only a token gives is a refusal for want of one, which is reported', async () => {
  const context = contextOf('/');
  const member = await anyoneWatches().memberOf(context);
  requireRight(context, member, true, 'watch');
  expect(refusals).toEqual([]);
  expect(() => requireRight(context, member, false, 'write')).toThrow(unauthorized);
  expect(refusals).toEqual([['missing', ADDRESS]]);
});

it('it is reported by the process that a request was forwarded to, too', async () => {
  const anonymous = await anyoneWatches().memberOf(contextOf('/'));
  const context = contextOf('/', { [MEMBER_HEADER]: memberHeader(anonymous) });
  const member = await new ForwardedMembers(refused).memberOf(context);
  expect(() => requireRight(context, member, false, 'write')).toThrow(unauthorized);
  expect(refusals).toEqual([['missing', ADDRESS]]);
});

it('a right that a token does not give is no such refusal', async () => {
  const context = contextOf('/');
  const member = { ...(await anyoneWatches().memberOf(context)), isAnonymous: false };
  expect(() => requireRight(context, member, false, 'write')).toThrow(
    expect.objectContaining({ code: 'forbidden' }),
  );
  expect(refusals).toEqual([]);
});
