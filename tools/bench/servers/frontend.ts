import type { Kind } from '../server';
import { VIDEO } from '../target';
import { MAX_VIEWERS } from './likestream';
import { collectingNode, program } from './node-program';

const WORKER = 'bench';
const CHANNEL = `video:${VIDEO}`;

/**
 * A dispatcher's delivery; each client process is an origin, and the total is their sum. Checkouts
 * up to version 0.2 read `counts` and ignore `type` and `state`, so both sides get the same bytes.
 */
const STATE = '{"version":@N@,"state":{"like":@N@},"counts":{"like":@N@}}';
const VECTOR = `{"bench.@P@":${STATE}}`;
const UPDATE = `{"channel":"${CHANNEL}","type":"likes","vector":${VECTOR},"t":@T@}`;
const DELIVERY = `{"to":"${WORKER}","updates":[${UPDATE}]}`;

/** likestream's frontend without producers and dispatchers; the bench posts deliveries. */
export const FRONTEND: Kind = frontendOf();

/** The frontend program from a checkout's build; from this one's if none is given. */
export function frontendOf(checkout?: string): Kind {
  const file = program('frontend', checkout);
  return {
    name: 'frontend',
    title: 'likestream, only its frontend',
    installLine: 'npm install',
    isThere: () => true,
    install() {},
    launch({ ports: [port] }) {
      const headers = ['Content-Type: application/json'];
      return {
        command: collectingNode([file, String(port), WORKER, String(MAX_VIEWERS)]),
        target: {
          port,
          path: `/stream?channel=${CHANNEL}`,
          post: { port, path: '/deliveries', headers, body: DELIVERY },
        },
      };
    },
    collecting: (tree) => tree,
  };
}
