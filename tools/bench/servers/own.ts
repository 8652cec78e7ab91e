import { buildNative } from '../build';
import type { Kind } from '../server';
import { DATA, FRAME } from '../target';
import { collectingNode, program } from './node-program';

const BUILT_IN = { installLine: 'nothing: it comes with the bench', isThere: () => true };

/** A loop over `send()` in C: the least cost of any server on this kernel. */
export const RAW: Kind = {
  ...BUILT_IN,
  name: 'raw',
  title: 'raw send() in C',
  install: () => void buildNative('limit'),
  launch({ ports: [port] }) {
    const command = { file: buildNative('limit'), args: [String(port)] };
    return { command, target: { port, path: '/', post: { port, path: '/', body: FRAME } } };
  },
};

/** A Node server that writes one Buffer to each socket. */
export const PLAIN: Kind = {
  ...BUILT_IN,
  name: 'plain',
  title: 'Node, one shared Buffer',
  install() {},
  launch({ ports: [port] }) {
    const command = collectingNode([program('plain'), String(port)]);
    return { command, target: { port, path: '/', post: { port, path: '/', body: FRAME } } };
  },
  collecting: (tree) => tree,
};

/** koa-sse-stream without changes, under Koa. */
export const KOA_SSE_STREAM: Kind = {
  ...BUILT_IN,
  name: 'koa-sse-stream',
  title: 'koa-sse-stream 0.2.0',
  install() {},
  launch({ ports: [port] }) {
    const command = collectingNode([program('koa-sse-stream'), String(port)]);
    return { command, target: { port, path: '/', post: { port, path: '/', body: DATA } } };
  },
  collecting: (tree) => tree,
};
