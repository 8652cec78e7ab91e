import { join } from 'node:path';
import type { Kind } from '../server';
import { likesPost } from './likestream';
import { collectingNode, program } from './node-program';

const BUILT_IN = { installLine: 'nothing: it comes with the bench', isThere: () => true };

/** A Node server that parses the JSON of a POST and answers. */
export const PARSE: Kind = {
  ...BUILT_IN,
  name: 'parse',
  title: 'bare: parse',
  install() {},
  launch({ ports: [port] }) {
    const command = collectingNode([program('parse'), String(port)]);
    return { command, target: { port, path: '/', post: likesPost(port) } };
  },
};

/** A Node server that also appends to one file, and answers after a sync of the group. */
export const APPEND: Kind = {
  ...BUILT_IN,
  name: 'append',
  title: 'bare: parse, append, sync',
  install() {},
  launch({ folder, ports: [port] }) {
    const command = collectingNode([program('append'), String(port), join(folder, 'likes')]);
    return { command, target: { port, path: '/', post: likesPost(port) } };
  },
};
