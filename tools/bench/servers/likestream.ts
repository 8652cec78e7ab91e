import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../compose/native/folders';
import type { Kind, Launch, Place } from '../server';
import { type IdTimes, type Post, VIDEO } from '../target';
import { collectingNode } from './node-program';

/** One more viewer than a process of the load client opens. */
export const MAX_VIEWERS = 19_000;
const POSTS_UNDER_WAY = 64;
const MAX_BATCH_LIKES = 50;

/** How likestream is started. */
export interface Setting {
  readonly workers?: number;
  /** Likes in one post. */
  readonly batch?: number;
  /** Whether the client makes the ids of its likes; if not given, the server does. */
  readonly ids?: IdTimes;
  /** The checkout whose build is started; this one if not given. */
  readonly checkout?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** likestream in its embedded mode, with its data in a folder of its own. */
export function likestream(setting: Setting = {}): Kind {
  return {
    name: 'likestream',
    title: 'likestream',
    installLine: 'npm install',
    isThere: () => true,
    install() {},
    launch: (place) => launch(place, setting),
    remembers: true,
    collecting: (tree) => tree.filter(isNode),
  };
}

/** How likes are posted to it. */
export function likesPost(port: number, batch = 1, ids?: IdTimes): Post {
  if (batch > MAX_BATCH_LIKES) throw new Error(`at most ${MAX_BATCH_LIKES} likes in one post`);
  const like = ids ? '{"likeId":"@I@"}' : '{}';
  const likes = Array.from({ length: batch }, () => like).join();
  return {
    port,
    path: `/videos/${VIDEO}/likes`,
    headers: ['Content-Type: application/json'],
    body: batch === 1 ? like : `{"likes":[${likes}]}`,
    likes: batch,
    connections: POSTS_UNDER_WAY,
    ids,
  };
}

/** How comments are posted to it. */
export function commentsPost(port: number): Post {
  return {
    port,
    path: `/videos/${VIDEO}/comments`,
    headers: ['Content-Type: application/json'],
    body: '{"text":"what a night for everyone who is here with us"}',
    connections: POSTS_UNDER_WAY,
  };
}

function launch({ folder, ports: [port, admin] }: Place, setting: Setting): Launch {
  const { batch, checkout = ROOT, env, ids, workers } = setting;
  const settings = {
    PORT: String(port),
    ADMIN_PORT: String(admin),
    DATA_DIR: join(folder, 'data'),
    LOG_LEVEL: 'warn',
    MAX_VIEWERS: String(MAX_VIEWERS),
    WORKERS: String(workers ?? 0),
    ...env,
  };
  const post = likesPost(port, batch, ids);
  return {
    command: collectingNode([join(checkout, 'dist', 'main.js')], settings),
    target: { port, path: `/stream?channel=video:${VIDEO}`, post },
  };
}

function isNode(pid: number): boolean {
  return readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('node');
}
