#!/usr/bin/env bash
# As in the real image, KAFKA_A_B sets a.b of server.properties, and new data is formatted.
set -euo pipefail
env | grep '^KAFKA_' | grep -vE '^KAFKA_(HEAP|LOG4J)_OPTS=' | while IFS='=' read -r name value; do
  name=${name#KAFKA_}
  name=${name,,}
  printf '%s=%s\n' "${name//_/.}" "$value"
done > /tmp/server.properties
flags=(-XX:+UseSerialGC -Dlog4j2.configurationFile=/opt/log4j2.properties -cp '/opt/libs/kafka/*')
if [ ! -e "$KAFKA_LOG_DIRS/meta.properties" ]; then
  java -Xmx128m "${flags[@]}" kafka.tools.StorageTool format \
    --config /tmp/server.properties --cluster-id "$CLUSTER_ID"
fi
exec java $KAFKA_HEAP_OPTS "${flags[@]}" kafka.Kafka /tmp/server.properties
