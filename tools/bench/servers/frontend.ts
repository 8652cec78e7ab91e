import type { Kind } from '../server';
import { VIDEO } from '../target';
import { MAX_VIEWERS } from './likestream';
import { collectingNode, program } from './node-program';

const WORKER = 'bench';
const CHANNEL = `video:${VIDEO}`;

/** A dispatcher's delivery. Each process of the client is a log of its own: totals add up over them. */
const STATE = '{"version":@N@,"counts":{"like":@N@}}';
const UPDATE = `{"channel":"${CHANNEL}","vector":{"bench.@P@":${STATE}},"t":@T@}`;
const DELIVERY = `{"to":"${WORKER}","updates":[${UPDATE}]}`;

/** likestream's frontend, delivered to as by a dispatcher: it counts and stores nothing itself. */
export const FRONTEND: Kind = frontendOf();

/** The frontend program from a checkout's build; from this one's if none is given. */
export function frontendOf(checkout?: string): Kind {
  const file = program('frontend', checkout);
  return {
    name: 'frontend',
    title: 'likestream, its frontend alone',
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
