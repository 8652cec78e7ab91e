/**
 * Installs the programs that tests need besides Node: a Chromium for the browser tests (that of
 * CHROMIUM, or one on the PATH), Java and Maven for the real servers, libfaketime for the clocks of
 * roles, a C compiler for the bench's load client, curl and Python's requests as viewers. Installs
 * missing ones as Debian packages if that is possible; otherwise prints what to install. With the
 * argument `nightly`, the browsers and proxies of the nightly tests instead, which skip what is
 * missing.
 */
const { existsSync, readdirSync } = require('node:fs');
const { spawnSync } = require('node:child_process');

const PYTHONS = ['python3', '/usr/bin/python3'];
const CHROMIUMS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The path of the first of these programs that is on the PATH, or undefined. */
function find(names) {
  const folders = (process.env.PATH ?? '').split(':');
  return folders.flatMap((folder) => names.map((name) => `${folder}/${name}`)).find(existsSync);
}

/** The path of a server, which Debian keeps outside of the PATH of most users, or undefined. */
function findServer(name) {
  return find([name]) ?? [`/usr/sbin/${name}`].find(existsSync);
}

/** The path of an installed Chromium, or undefined. */
function findChromium() {
  return process.env.CHROMIUM || find(CHROMIUMS);
}

/** The path of the browser that WebKitWebDriver drives, or undefined. */
function findMiniBrowser() {
  if (process.platform !== 'linux' || !find(['WebKitWebDriver'])) return undefined;
  const folders = readdirSync('/usr/lib').map((it) => `/usr/lib/${it}/webkit2gtk-4.1`);
  return folders.map((folder) => `${folder}/MiniBrowser`).find(existsSync);
}

/** Whether libfaketime is installed where test/stack/role-clock.ts expects it; true off Linux. */
function hasLibfaketime() {
  if (process.platform !== 'linux') return true;
  const folders = [
    '/usr/lib64',
    '/usr/lib',
    ...readdirSync('/usr/lib').map((it) => `/usr/lib/${it}`),
  ];
  return folders.some((folder) => existsSync(`${folder}/faketime/libfaketime.so.1`));
}

/** A Python that has `requests`, or undefined. */
function findPython() {
  const hasRequests = (python) => spawnSync(python, ['-c', 'import requests']).status === 0;
  return PYTHONS.find(hasRequests);
}

const TOOLS = [
  { name: 'Chromium', isThere: findChromium, debian: 'chromium' },
  { name: 'Java', isThere: () => find(['java']), debian: 'default-jre-headless' },
  { name: 'nginx', isThere: () => findServer('nginx'), debian: 'nginx-light' },
  { name: 'a C compiler', isThere: () => find(['cc', 'gcc', 'clang']), debian: 'gcc libc6-dev' },
  { name: 'libfaketime', isThere: hasLibfaketime, debian: 'libfaketime' },
  { name: 'curl', isThere: () => find(['curl']), debian: 'curl' },
  { name: "Python's requests", isThere: findPython, debian: 'python3-requests' },
  { name: 'Maven', isThere: () => find(['mvn']), debian: 'maven' },
];

const NIGHTLY = [
  { name: 'Firefox', isThere: () => find(['firefox-esr', 'firefox']), debian: 'firefox-esr' },
  { name: 'WebKit', isThere: findMiniBrowser, debian: 'webkit2gtk-driver' },
  { name: 'Xvfb', isThere: () => find(['xvfb-run']), debian: 'xvfb xauth' },
  { name: 'D-Bus', isThere: () => find(['dbus-run-session']), debian: 'dbus' },
  { name: 'HAProxy', isThere: () => findServer('haproxy'), debian: 'haproxy' },
  { name: 'Caddy', isThere: () => findServer('caddy'), debian: 'caddy' },
];

function run(command, args) {
  return spawnSync(command, args, { stdio: ['ignore', 2, 2] }).status === 0;
}

function install(packages) {
  const isRoot = process.getuid?.() === 0;
  const apt = (args) => (isRoot ? run('apt-get', args) : run('sudo', ['-n', 'apt-get', ...args]));
  return apt(['update', '-qq']) && apt(['install', '-y', '-qq', ...packages]);
}

function main() {
  const isNightly = process.argv[2] === 'nightly';
  const missing = (isNightly ? NIGHTLY : TOOLS).filter(({ isThere }) => !isThere());
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => name).join(', ');
  process.stderr.write(`likestream: installing ${names} for the tests, once …\n`);
  if (install(missing.flatMap(({ debian }) => debian.split(' ')))) return;
  process.stderr.write(`likestream: the tests need ${names}: install them and run again\n`);
  process.exit(1);
}

if (require.main === module) main();

module.exports = { find, findChromium, findMiniBrowser, findPython, findServer };
