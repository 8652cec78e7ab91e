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

/** The second one may be down: it is then shown as offline. */
function kafkaUi() {
  return reaches(process.env.KAFKA_CLUSTERS_0_BOOTSTRAPSERVERS);
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
