#!/usr/bin/env bash
# As the real image: it listens on this container's own address, whichever it has now.
set -euo pipefail
address=$(hostname -i)
sed -ri -e "s/^(listen_address|broadcast_rpc_address):.*/\1: $address/" \
  -e "s/- seeds:.*/- seeds: \"$address:7000\"/" /etc/cassandra/cassandra.yaml
exec java @/etc/cassandra/cassandra.args
