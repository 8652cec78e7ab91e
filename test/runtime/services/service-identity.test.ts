import { systemEntropy } from '../../../runtime/entropy';
import { MAX_SENDERS, ServiceIdentity } from '../../../runtime/services/service-identity';

function identity(): ServiceIdentity {
  return new ServiceIdentity('a secret', systemEntropy);
}

it('numbers its calls from 1', () => {
  const own = identity();
  expect([own.nextNumber(), own.nextNumber()]).toEqual([1, 2]);
});

it('knows the numbers of each sender', () => {
  const own = identity();
  expect([own.use('a', 1), own.use('b', 1), own.use('a', 1)]).toEqual([true, true, false]);
});

it('takes another boot id when it forgets senders, so that their old calls are refused', () => {
  const own = identity();
  const { bootId } = own;
  for (let sender = 0; sender < MAX_SENDERS; sender++) own.use(`s${sender}`, 1);
  expect(own.bootId).toBe(bootId);
  own.use('one more', 1);
  expect(own.bootId).not.toBe(bootId);
});
