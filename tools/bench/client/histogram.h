#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include <stdint.h>
#include <stdio.h>

/* Log-linear buckets as in tools/load/histogram.ts: exact below 256, within 0.4 % above. */
#define SUB_BUCKET_BITS 7
#define BUCKETS ((31 - SUB_BUCKET_BITS + 1) << SUB_BUCKET_BITS)

struct histogram {
  uint64_t count;
  int64_t max;
  uint32_t buckets[BUCKETS];
};

/* Adds a value `times` times, limited to 0 to 2^31-1. */
void histogram_record(struct histogram *h, int64_t value, uint32_t times);

/* The quantile at a share from 0 to 1; 0 without values. */
int64_t histogram_quantile(const struct histogram *h, double share);

/* Writes JSON: [[value, count], …], so that several processes' histograms can be added up. */
void histogram_write(const struct histogram *h, FILE *out);

void histogram_reset(struct histogram *h);

#endif
