import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { blocksOf, fileText, sectionOf } from '../docs/page';
import type { CertificateFiles } from './certificates';

const {
  findServer,
}: { findServer(name: string): string | undefined } = require('../install-tools');

const PAGE = fileText('docs/proxies.md');
const SBIN = '/usr/sbin';

/** What a configuration is made of: the documented one has other addresses. */
export interface ProxyPlan {
  readonly folder: string;
  readonly port: number;
  readonly adminPort: number;
  /** The port that the proxy sends to. */
  readonly upstream: number;
  readonly certificate: CertificateFiles;
}

/** A proxy of docs/proxies.md, with the configuration of that page. */
export interface ProxyProgram {
  readonly name: string;
  readonly isInstalled: boolean;
  start(plan: ProxyPlan): ChildProcess;
  reload(plan: ProxyPlan, proxy: ChildProcess): void;
}

/** The first block of a language below a heading of docs/proxies.md. */
function blockOf(heading: string, language: string): string {
  const block = blocksOf(sectionOf(PAGE, heading)).find((it) => it.language === language);
  if (block === undefined) throw new Error(`docs/proxies.md has no ${language} in ${heading}`);
  return block.text;
}

/** Replaces texts that the configuration must have. */
function replaced(config: string, texts: Readonly<Record<string, string>>): string {
  return Object.entries(texts).reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`the configuration does not have ${from}`);
    return text.replaceAll(from, to);
  }, config);
}

function written(folder: string, name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

const ENV = { ...process.env, PATH: `${process.env.PATH}:${SBIN}` };

function started(file: string, args: readonly string[], env: NodeJS.ProcessEnv = ENV) {
  return spawn(file, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
}

const nginx: ProxyProgram = {
  name: 'nginx',
  isInstalled: findServer('nginx') !== undefined,
  start({ certificate, folder, port, upstream }) {
    const config = replaced(fileText('compose/door/nginx.conf'), {
      'listen 443 ssl': `listen 127.0.0.1:${port} ssl`,
      '127.0.0.1:8080': `127.0.0.1:${upstream}`,
      '/run/nginx.pid': join(folder, 'nginx.pid'),
      '/var/log/nginx/likestream-error.log': 'stderr',
      '/etc/likestream/cert.pem;': `${certificate.cert};`,
      '/etc/likestream/key.pem;': `${certificate.key};`,
    });
    const file = written(folder, 'nginx.conf', config);
    return started('nginx', ['-c', file, '-e', 'stderr', '-g', 'daemon off;']);
  },
  reload: (_, proxy) => void proxy.kill('SIGHUP'),
};

const haproxy: ProxyProgram = {
  name: 'HAProxy',
  isInstalled: findServer('haproxy') !== undefined,
  start({ certificate, folder, port, upstream }) {
    const both = `${readFileSync(certificate.cert)}${readFileSync(certificate.key)}`;
    const config = replaced(blockOf('## HAProxy', 'haproxy'), {
      'bind :443': `bind 127.0.0.1:${port}`,
      '127.0.0.1:8080': `127.0.0.1:${upstream}`,
      '/etc/likestream/haproxy.pem': written(folder, 'haproxy.pem', both),
      '/etc/likestream/bye.http': written(folder, 'bye.http', blockOf('## HAProxy', 'text')),
    });
    return started('haproxy', ['-W', '-f', written(folder, 'haproxy.cfg', config)]);
  },
  reload: (_, proxy) => void proxy.kill('SIGUSR2'),
};

function caddyEnv(folder: string): NodeJS.ProcessEnv {
  return { ...ENV, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
}

const caddy: ProxyProgram = {
  name: 'Caddy',
  isInstalled: findServer('caddy') !== undefined,
  start({ adminPort, certificate, folder, port, upstream }) {
    const options = `{\n\tadmin 127.0.0.1:${adminPort}\n\tauto_https disable_redirects\n}\n`;
    const tls = `\ttls ${certificate.cert} ${certificate.key}`;
    const config = replaced(blockOf('## Caddy', 'caddyfile'), {
      'live.example.com {': `${options}https://localhost:${port} {\n${tls}`,
      '127.0.0.1:8080': `127.0.0.1:${upstream}`,
    });
    const file = written(folder, 'Caddyfile', config);
    const args = ['run', '--config', file, '--adapter', 'caddyfile'];
    return spawn('caddy', args, { env: caddyEnv(folder), stdio: 'ignore' });
  },
  reload({ adminPort, folder }) {
    const file = join(folder, 'Caddyfile');
    const address = ['--address', `127.0.0.1:${adminPort}`];
    const args = ['reload', '--force', ...address, '--config', file, '--adapter', 'caddyfile'];
    execFileSync('caddy', args, { env: caddyEnv(folder), stdio: 'ignore' });
  },
};

export const PROXIES: readonly ProxyProgram[] = [nginx, haproxy, caddy];

/** Makes the folder of a proxy, which its unprivileged processes may read. */
export function proxyFolder(parent: string, name: string): string {
  const folder = join(parent, name);
  mkdirSync(folder, { recursive: true });
  return folder;
}
