import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { benchCache } from '../build';
import type { Kind } from '../server';
import { DATA, VIDEO } from '../target';
import { isOnPath, runToEnd } from './find';

const VERSION = 'v6.9.1';
const MODULE = 'github.com/centrifugal/centrifugo/v6';
const KEY = 'bench';

function built(): string {
  return join(benchCache('centrifugo'), 'centrifugo');
}

const config = (port: number) => ({
  http_server: { address: '127.0.0.1', port: String(port) },
  log: { level: 'error' },
  client: { insecure: true, allowed_origins: ['*'] },
  http_api: { key: KEY },
  uni_sse: { enabled: true },
  channel: { without_namespace: { allow_subscribe_for_client: true } },
});

/** Centrifugo with its memory engine, over one-way SSE. */
export const CENTRIFUGO: Kind = {
  name: 'centrifugo',
  title: `Centrifugo ${VERSION.slice(1)}`,
  installLine: `go get -tool ${MODULE}@${VERSION} && go build ${MODULE} (in a module of its own)`,
  isThere: () => existsSync(built()),
  install() {
    if (!isOnPath('go')) throw new Error('Go is missing');
    const folder = benchCache('centrifugo', 'source');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'go.mod'), 'module bench/centrifugo\n\ngo 1.24\n');
    runToEnd('go', ['get', '-tool', `${MODULE}@${VERSION}`], folder);
    runToEnd('go', ['build', '-o', built(), MODULE], folder);
  },
  launch({ folder, ports: [port] }) {
    const file = join(folder, 'config.json');
    writeFileSync(file, JSON.stringify(config(port)));
    const subscribe = encodeURIComponent(`{"subs":{"${VIDEO}":{}}}`).replaceAll('%40', '@');
    const post = {
      port,
      path: '/api/publish',
      headers: ['Content-Type: application/json', `X-API-Key: ${KEY}`],
      body: `{"channel":"${VIDEO}","data":${DATA}}`,
    };
    return {
      command: { file: built(), args: ['-c', file], env: { GOMAXPROCS: '1' } },
      target: { port, path: `/connection/uni_sse?cf_connect=${subscribe}`, post },
    };
  },
};
