import { createHmac } from 'node:crypto';
import { copyFileSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BENCH_FOLDER, benchCache } from '../build';
import type { Kind } from '../server';
import { DATA, VIDEO } from '../target';
import { isOnPath, runToEnd } from './find';

const VERSION = 'v0.24.2';
const MODULE = 'github.com/dunglas/mercure';
const KEY = 'a key of at least 256 bits, as it has to be';
const PATH = '/.well-known/mercure';

function built(): string {
  return join(benchCache('mercure'), 'mercure');
}

function token(): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ mercure: { publish: ['*'] } })}`;
  return `${signed}.${createHmac('sha256', KEY).update(signed).digest('base64url')}`;
}

function form(fields: Readonly<Record<string, string>>): string {
  return new URLSearchParams(fields).toString().replaceAll('%40', '@');
}

/** Mercure's hub library on Go's own HTTP server, with its local transport. */
export const MERCURE: Kind = {
  name: 'mercure',
  title: `Mercure ${VERSION.slice(1)}`,
  installLine: `go get ${MODULE}@${VERSION} && go build (a hub of 10 lines)`,
  isThere: () => existsSync(built()),
  install() {
    if (!isOnPath('go')) throw new Error('Go is missing');
    const folder = benchCache('mercure', 'source');
    copyFileSync(join(BENCH_FOLDER, 'servers', 'mercure', 'main.go'), join(folder, 'main.go'));
    writeFileSync(join(folder, 'go.mod'), 'module bench/mercure\n\ngo 1.24\n');
    runToEnd('go', ['get', `${MODULE}@${VERSION}`], folder);
    runToEnd('go', ['build', '-o', built(), '.'], folder);
  },
  launch({ ports: [port] }) {
    const headers = [
      'Content-Type: application/x-www-form-urlencoded',
      `Authorization: Bearer ${token()}`,
    ];
    const body = form({ topic: VIDEO, type: 'likes', data: DATA });
    return {
      command: { file: built(), args: [String(port), KEY], env: { GOMAXPROCS: '1' } },
      target: { port, path: `${PATH}?topic=${VIDEO}`, post: { port, path: PATH, headers, body } },
    };
  },
};
