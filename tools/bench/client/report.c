#include <stdio.h>
#include <sys/resource.h>

#include "client.h"

static double cpu_seconds(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void write_counts(void) {
  printf("\"at\":%lld,\"cpu\":%.6f,\"open\":%u", (long long)now_us() / 1000, cpu_seconds(),
         viewers_open());
  printf(",\"opened\":%llu,\"closed\":%llu,\"failed\":%llu,\"refused\":%llu,\"byes\":%llu",
         (unsigned long long)tally.opened, (unsigned long long)tally.closed,
         (unsigned long long)tally.failed, (unsigned long long)tally.refused,
         (unsigned long long)tally.byes);
  printf(",\"frames\":%llu,\"likes\":%lld,\"comments\":%llu,\"bytes\":%llu,\"snapshots\":%llu",
         (unsigned long long)tally.frames, (long long)tally.likes,
         (unsigned long long)tally.comments, (unsigned long long)tally.bytes,
         (unsigned long long)tally.snapshots);
  printf(",\"broken\":%llu,\"unreadable\":%llu,\"snapshotsAfterResume\":%llu",
         (unsigned long long)tally.broken, (unsigned long long)tally.unreadable,
         (unsigned long long)tally.snapshots_after_resume);
  printf(",\"unsent\":%llu,\"postersOpened\":%llu", (unsigned long long)posting.unsent,
         (unsigned long long)posting.opened);
  printf(",\"posts\":%llu,\"answered\":%llu,\"postsRefused\":%llu,\"late\":%llu,\"posted\":%llu",
         (unsigned long long)posting.sent, (unsigned long long)posting.answered,
         (unsigned long long)posting.refused, (unsigned long long)posting.late,
         (unsigned long long)posting.likes);
}

void report_progress(void) {
  printf("{\"kind\":\"progress\",");
  write_counts();
  printf(",\"p50\":%lld,\"p99\":%lld}\n", (long long)histogram_quantile(&latency, 0.5),
         (long long)histogram_quantile(&latency, 0.99));
  fflush(stdout);
}

/* All counts, and the latencies since the last mark. */
void report_mark(void) {
  printf("{\"kind\":\"mark\",");
  write_counts();
  printf(",\"max\":%lld,\"latency\":", (long long)latency.max);
  histogram_write(&latency, stdout);
  printf(",\"oldest\":");
  histogram_write(&oldest, stdout);
  printf(",\"commentAges\":");
  histogram_write(&comments, stdout);
  printf(",\"answers\":");
  histogram_write(&answers, stdout);
  printf(",\"accepted\":");
  histogram_write(&accepted, stdout);
  printf("}\n");
  fflush(stdout);
  histogram_reset(&latency);
  histogram_reset(&oldest);
  histogram_reset(&comments);
  histogram_reset(&answers);
  histogram_reset(&accepted);
}

void report_storm(void) {
  printf("{\"kind\":\"storm\",\"viewers\":%u,\"connectedMs\":%.1f,\"exactMs\":%.1f}\n",
         storm.viewers, (double)(storm.connected_us - storm.began_us) / 1000,
         (double)(storm.exact_us - storm.began_us) / 1000);
  fflush(stdout);
}

void report_totals(void) {
  printf("{\"kind\":\"totals\",\"totals\":[");
  viewers_write_totals(stdout);
  printf("]}\n");
  fflush(stdout);
}
