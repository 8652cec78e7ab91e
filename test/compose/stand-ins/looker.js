/**
 * Stands in for Grafana and Kafka UI: its health check passes once it reaches what the real one is
 * to look at, by the settings that the real one would read.
 */
const { existsSync, readFileSync } = require('node:fs');
const { createServer } = require('node:http');
const { connect } = require('node:net');

const PROVISIONING = '/etc/grafana/provisioning';

function reaches(address) {
  const [host, port] = address.split(':');
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port), timeout: 1_000 }, () => end(true));
    const end = (isThere) => {
      socket.destroy();
      resolve(isThere);
    };
    socket.on('error', () => end(false)).on('timeout', () => end(false));
  });
}

async function grafana() {
  const source = readFileSync(`${PROVISIONING}/datasources/prometheus.yaml`, 'utf8');
  const [, url] = /url: (\S+)/.exec(source);
  const home = process.env.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH;
  JSON.parse(readFileSync(home, 'utf8'));
  return existsSync(home) && (await fetch(`${url}/-/ready`)).ok;
}

/** One that is offline is shown so: only the first must answer. */
async function kafkaUi() {
  const { KAFKA_CLUSTERS_0_BOOTSTRAPSERVERS: first, KAFKA_CLUSTERS_1_BOOTSTRAPSERVERS: second } =
    process.env;
  process.stdout.write(`dc2 is ${(await reaches(second)) ? 'online' : 'offline'}\n`);
  return reaches(first);
}

const [looks, port, path] =
  process.argv[2] === 'grafana'
    ? [grafana, 3000, '/api/health']
    : [kafkaUi, 8080, '/actuator/health'];

createServer(async (request, response) => {
  const isWell = request.url !== path || (await looks().catch(() => false));
  response.writeHead(isWell ? 200 : 503).end(isWell ? 'well' : 'not yet');
}).listen(port);

process.on('SIGTERM', () => process.exit(0));
