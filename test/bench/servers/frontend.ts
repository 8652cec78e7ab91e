import type { Kind } from '../server';
import { VIDEO } from '../target';
import { MAX_VIEWERS } from './likestream';
import { collectingNode, program } from './node-program';

const WORKER = 'bench';
const CHANNEL = `video:${VIDEO}`;

/** Each process of the client stands for a log of its own: totals add up over them. */
const DELIVERY = JSON.stringify({
  to: WORKER,
  updates: [{ channel: CHANNEL, vector: { 'bench.@P@': stateAt('@N@') }, t: '@T@' }],
}).replaceAll(/"(@[NT]@)"/g, '$1');

function stateAt(total: string) {
  return { version: total, counts: { like: total } };
}

/** likestream's frontend, delivered to as by a dispatcher: it counts and stores nothing itself. */
export const FRONTEND: Kind = {
  name: 'frontend',
  title: 'likestream, its frontend alone',
  installLine: 'npm install',
  isThere: () => true,
  install() {},
  launch({ ports: [port] }) {
    const headers = ['Content-Type: application/json'];
    return {
      command: collectingNode([program('frontend'), String(port), WORKER, String(MAX_VIEWERS)]),
      target: {
        port,
        path: `/stream?channel=${CHANNEL}`,
        post: { port, path: '/deliveries', headers, body: DELIVERY },
      },
    };
  },
  collecting: (tree) => tree,
};
