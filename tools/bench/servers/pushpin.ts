import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Kind } from '../server';
import { FRAME, VIDEO } from '../target';
import { installDebian, isOnPath } from './find';
import { program } from './node-program';

const CONNECTIONS = 19_000;

// Debian's settings expect zurl as a service; these settings start it.
// With any message_rate except 0, Pushpin delays deliveries of a steady stream.
const config = (folder: string, publicPort: number, control: number, zmq: number): string => `
[global]
include={libdir}/internal.conf
rundir=${folder}/run
ipc_prefix=p-
port_offset=0
stats_connection_ttl=120
[runner]
services=condure,zurl,pushpin-proxy,pushpin-handler
http_port=127.0.0.1:${publicPort}
logdir=${folder}/log
log_level=1
client_buffer_size=8192
client_maxconn=${CONNECTIONS}
[proxy]
routesfile=${folder}/routes
debug=false
zurl_out_specs=ipc://{rundir}/{ipc_prefix}zurl-in
zurl_out_stream_specs=ipc://{rundir}/{ipc_prefix}zurl-in-stream
zurl_in_specs=ipc://{rundir}/{ipc_prefix}zurl-out
[handler]
push_in_spec=tcp://127.0.0.1:${zmq}
push_in_http_addr=127.0.0.1
push_in_http_port=${control}
message_rate=0
message_hwm=25000
`;

/** Pushpin: a proxy that holds streams for an origin. */
export const PUSHPIN: Kind = {
  name: 'pushpin',
  title: 'Pushpin (Debian)',
  installLine: 'apt-get install pushpin',
  // Pushpin sends a request to its origin for each viewer.
  connectRate: 400,
  isThere: () => isOnPath('pushpin') && isOnPath('condure') && isOnPath('zurl'),
  install: () => installDebian('pushpin'),
  launch({ folder, ports: [publicPort, control, zmq, origin] }) {
    for (const name of ['run', 'log']) mkdirSync(join(folder, name));
    writeFileSync(join(folder, 'pushpin.conf'), config(folder, publicPort, control, zmq));
    writeFileSync(join(folder, 'routes'), `* 127.0.0.1:${origin}\n`);
    const item = { channel: VIDEO, formats: { 'http-stream': { content: FRAME } } };
    const post = { port: control, path: '/publish/', body: JSON.stringify({ items: [item] }) };
    return {
      command: { file: 'pushpin', args: [`--config=${join(folder, 'pushpin.conf')}`] },
      beside: { file: process.execPath, args: [program('origin'), String(origin)] },
      target: { port: publicPort, path: `/?id=${VIDEO}`, post },
    };
  },
};
