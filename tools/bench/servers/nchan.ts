import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Kind } from '../server';
import { DATA, VIDEO } from '../target';
import { installDebian, isOnPath } from './find';

const MODULE = '/usr/lib/nginx/modules/ngx_nchan_module.so';
const CONNECTIONS = 19_000;

// With a buffer of 10 messages, connected viewers miss some. nginx does not create its folders.
const config = (folder: string, port: number): string => `
load_module ${MODULE};
daemon off;
user root;
pid ${folder}/nginx.pid;
worker_processes 1;
worker_rlimit_nofile ${CONNECTIONS + 500};
events { worker_connections ${CONNECTIONS}; }
http {
  access_log off;
  client_body_temp_path ${folder}/temp/body;
  proxy_temp_path ${folder}/temp/proxy;
  fastcgi_temp_path ${folder}/temp/fastcgi;
  uwsgi_temp_path ${folder}/temp/uwsgi;
  scgi_temp_path ${folder}/temp/scgi;
  keepalive_requests 1000000;
  nchan_shared_memory_size 256M;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location /stream {
      nchan_subscriber eventsource;
      nchan_channel_id $arg_id;
    }
    location /publish {
      nchan_publisher;
      nchan_channel_id $arg_id;
      nchan_message_buffer_length 1000;
      nchan_message_timeout 60s;
    }
  }
}
`;

/** nchan in nginx: fan-out in C, with one worker process. */
export const NCHAN: Kind = {
  name: 'nchan',
  title: 'nchan (nginx)',
  installLine: 'apt-get install nginx-light libnginx-mod-nchan',
  isThere: () => existsSync(MODULE) && isOnPath('nginx'),
  install: () => installDebian('nginx-light', 'libnginx-mod-nchan'),
  launch({ folder, ports: [port] }) {
    const file = join(folder, 'nginx.conf');
    mkdirSync(join(folder, 'temp'));
    writeFileSync(file, config(folder, port));
    const post = { port, path: `/publish?id=${VIDEO}`, body: DATA };
    return {
      command: { file: '/usr/sbin/nginx', args: ['-p', folder, '-c', file, '-e', 'stderr'] },
      target: { port, path: `/stream?id=${VIDEO}`, post },
    };
  },
};
