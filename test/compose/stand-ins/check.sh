#!/usr/bin/env bash
# Runs compose.yaml on machines that cannot pull images: with stand-ins, an engine of its own if none
# answers, Compose from the Go proxy where it is missing, and then ../containers.check.ts. As root;
# it needs the tools of build.sh, and dockerd, go, promtool (Debian: docker.io, golang, prometheus).
#   check.sh [FOLDER]     FOLDER keeps built images for the next run
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
work=${1:-$(mktemp -d)}
mkdir -p "$work/engine"

engine() {
  if docker info > /dev/null 2>&1; then return; fi
  export DOCKER_HOST="unix://$work/engine/docker.sock"
  dockerd --iptables=false --bridge=none --host "$DOCKER_HOST" --data-root "$work/engine/data" \
    --exec-root "$work/engine/exec" --pidfile "$work/engine/pid" > "$work/engine/log" 2>&1 &
  engine=$!
  trap 'kill "$engine"; wait "$engine" || true' EXIT
  until docker info > /dev/null 2>&1; do
    kill -0 "$engine" || { tail -3 "$work/engine/log"; exit 1; }
    sleep 0.2
  done
}

# Two versions that Compose's own go.mod lacks.
plugin() {
  if docker compose version > /dev/null 2>&1; then return; fi
  export DOCKER_CONFIG="$work/config"
  local plugin="$DOCKER_CONFIG/cli-plugins/docker-compose"
  if [ -x "$plugin" ]; then return; fi
  mkdir -p "$work/compose" "$(dirname "$plugin")"
  cd "$work/compose"
  printf '%s\n' 'module compose' 'go 1.24' \
    'exclude github.com/davecgh/go-spew v1.1.2-0.20180830191138-d8f796af33cc' \
    'exclude github.com/pmezard/go-difflib v1.0.1-0.20181226105442-5d4384ee4fb2' > go.mod
  go get -tool github.com/docker/compose/v2/cmd@v2.40.3
  go build -o "$plugin" github.com/docker/compose/v2/cmd
}

engine
(plugin)
if [ -d "$work/config" ]; then export DOCKER_CONFIG="$work/config"; fi
bash "$here/build.sh" "$work"
DOCKER_BUILDKIT=0 docker build --quiet --network host --tag likestream:0.2.0 "$root"

cd "$root"
promtool check config --syntax-only compose/prometheus/prometheus.yaml
promtool test rules test/compose/alerts.yaml
compose() { docker compose --file compose/compose.yaml "$@"; }
compose config --quiet
compose --profile dc2 config --quiet
time compose up --detach --wait --no-build --pull never
time compose --profile dc2 up --detach --wait --no-build --pull never
npx jest --testMatch '**/containers.check.ts'
docker stats --no-stream --format 'table {{.Name}}\t{{.MemUsage}}\t{{.CPUPerc}}'
compose --profile dc2 down --volumes
