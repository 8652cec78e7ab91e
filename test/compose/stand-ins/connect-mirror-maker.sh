#!/usr/bin/env bash
exec java $KAFKA_HEAP_OPTS $KAFKA_LOG4J_OPTS -XX:+UseSerialGC -cp '/opt/libs/kafka/*' \
  org.apache.kafka.connect.mirror.MirrorMaker "$@"
