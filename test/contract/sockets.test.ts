import { DirectSockets } from '../../adapters/sockets/direct/direct-sockets';
import { NodeSockets } from '../../adapters/sockets/node';
import { systemClock } from '../../runtime/clock';
import { loadLibc } from '../../runtime/libc';
import { describeSocketsContract } from './sockets.contract';
import { behindServer } from './sockets-server';

describeSocketsContract("Node's", () => behindServer(new NodeSockets(systemClock)));
describeSocketsContract('driven directly', () => {
  const sockets = new DirectSockets(loadLibc(), systemClock);
  return behindServer(sockets);
});
