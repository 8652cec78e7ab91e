#!/usr/bin/env bash
# As in the real image, it listens on this container's current address.
set -euo pipefail
address=$(hostname -i)
sed -ri -e "s/^(listen_address|broadcast_rpc_address):.*/\1: $address/" \
  -e "s/- seeds:.*/- seeds: \"$address:7000\"/" /etc/cassandra/cassandra.yaml
exec java @/etc/cassandra/cassandra.args
