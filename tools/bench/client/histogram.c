#include "histogram.h"

#include <string.h>

static int bucket_of(uint32_t value) {
  int bits = value ? 32 - __builtin_clz(value) : 0;
  int shift = bits > SUB_BUCKET_BITS + 1 ? bits - SUB_BUCKET_BITS - 1 : 0;
  return (shift << SUB_BUCKET_BITS) + (int)(value >> shift);
}

static int64_t middle_of(int bucket) {
  int shift = (bucket >> SUB_BUCKET_BITS) - 1;
  if (shift < 0) shift = 0;
  int64_t low = (int64_t)(bucket - (shift << SUB_BUCKET_BITS)) << shift;
  return low + ((1ll << shift) - 1) / 2;
}

void histogram_record(struct histogram *h, int64_t value, uint32_t times) {
  if (value < 0) value = 0;
  if (value > INT32_MAX) value = INT32_MAX;
  h->buckets[bucket_of((uint32_t)value)] += times;
  h->count += times;
  if (value > h->max) h->max = value;
}

int64_t histogram_quantile(const struct histogram *h, double share) {
  double rank = share * (double)h->count;
  uint64_t seen = 0;
  for (int i = 0; i < BUCKETS; i++) {
    seen += h->buckets[i];
    if (seen > 0 && (double)seen >= rank) return middle_of(i) < h->max ? middle_of(i) : h->max;
  }
  return h->max;
}

void histogram_write(const struct histogram *h, FILE *out) {
  const char *comma = "";
  fputc('[', out);
  for (int i = 0; i < BUCKETS; i++) {
    if (h->buckets[i] == 0) continue;
    int64_t value = middle_of(i) < h->max ? middle_of(i) : h->max;
    fprintf(out, "%s[%lld,%u]", comma, (long long)value, h->buckets[i]);
    comma = ",";
  }
  fputc(']', out);
}

void histogram_reset(struct histogram *h) {
  memset(h, 0, sizeof *h);
}
