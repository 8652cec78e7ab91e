/*
 * The bench's attacker, in one thread with epoll: connections that send a head byte by byte, bad
 * requests at a rate, and connections that send more requests at once than may be in flight.
 *   attack PORT SLOW BAD_RATE FLOOD_RATE
 * Prints a line of JSON with its counts each second.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define US 1000000ll
#define MAX_EVENTS 1024
#define BAD_CONNECTIONS 64
#define FLOOD_CONNECTIONS 32
#define FLOOD_REQUESTS 64
/* Slow connections opened a second, and the time between two bytes of one of them. */
#define OPEN_RATE 1000
#define BYTE_US (5 * US)
#define ADDRESSES 20
#define BYTES 65536

struct line { int fd; bool busy; int64_t next_us; size_t sent; };
enum kind { SLOW, BAD, FLOOD };

static int epoll, port;
static struct line *lines[3];
static uint32_t counts[3];
static uint64_t sent[3], closed[3];
static char flood[BYTES];

static const char *const HEAD = "POST /videos/bench-0/likes HTTP/1.1\r\nHost: a\r\nX-Slow: ";
/* Each kind of bad request; the server keeps the connections of most of them. */
static const char *const BAD_REQUESTS[] = {
    "POST /videos/bench-0/likes HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{\"likes\":",
    "GET /nowhere/at/all HTTP/1.1\r\nHost: a\r\n\r\n",
    "POST /videos/bench-0/likes HTTP/1.1\r\nHost: a\r\nContent-Length: 13\r\n\r\n{\"likeId\":{}}",
    "PATCH /videos/bench-0/likes HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /videos/%00/likes HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /stream?channel=nothing:at:all HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
};
#define KINDS (sizeof BAD_REQUESTS / sizeof *BAD_REQUESTS)

static int64_t now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * US + now.tv_nsec / 1000;
}

static void open_line(enum kind kind, uint32_t index) {
  static uint32_t opened;
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port),
                           .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct sockaddr_in from = {.sin_family = AF_INET};
  from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 100 + opened++ % ADDRESSES);
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return;
  bind(fd, (struct sockaddr *)&from, sizeof from);
  if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0 && errno != EINPROGRESS) {
    close(fd);
    return;
  }
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint64_t)kind << 32 | index};
  epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
  lines[kind][index] = (struct line){.fd = fd};
}

static void drop(enum kind kind, uint32_t index) {
  close(lines[kind][index].fd);
  lines[kind][index] = (struct line){.fd = -1};
  closed[kind]++;
}

static bool write_to(enum kind kind, uint32_t index, const char *bytes, size_t length) {
  ssize_t n = send(lines[kind][index].fd, bytes, length, MSG_NOSIGNAL);
  if (n < 0 && errno != EAGAIN) drop(kind, index);
  if (n != (ssize_t)length) return false;
  sent[kind]++;
  return true;
}

static void trickle(uint32_t index, int64_t now) {
  struct line *line = &lines[SLOW][index];
  if (line->fd < 0 || line->next_us > now) return;
  const char *byte = line->sent < strlen(HEAD) ? HEAD + line->sent : "x";
  line->next_us = now + BYTE_US;
  line->sent++;
  write_to(SLOW, index, byte, 1);
}

/* Looks at a part of the slow connections each time. */
static void slow_work(int64_t now) {
  static int64_t next_open_us;
  static uint32_t at;
  for (uint32_t looked = 0; looked < counts[SLOW] / 100 + 1 && counts[SLOW] > 0; looked++) {
    at = (at + 1) % counts[SLOW];
    if (lines[SLOW][at].fd < 0 && next_open_us <= now) {
      open_line(SLOW, at);
      next_open_us = (next_open_us > now - US ? next_open_us : now) + US / OPEN_RATE;
    }
    trickle(at, now);
  }
}

/* Sends what is due at a rate, each on the next free connection; the rest is left out. */
static void paced(enum kind kind, double rate, int64_t now, int64_t *next_us) {
  static uint32_t at[3], which;
  if (rate <= 0) return;
  if (*next_us < now - US / 10) *next_us = now;
  for (; *next_us <= now; *next_us += (int64_t)(US / rate)) {
    uint32_t tried = 0;
    while (tried < counts[kind] && lines[kind][at[kind]].busy)
      at[kind] = (at[kind] + 1) % counts[kind], tried++;
    if (tried == counts[kind]) return;
    uint32_t index = at[kind];
    at[kind] = (index + 1) % counts[kind];
    if (lines[kind][index].fd < 0) open_line(kind, index);
    if (lines[kind][index].fd < 0) continue;
    const char *bytes = kind == BAD ? BAD_REQUESTS[which++ % KINDS] : flood;
    if (write_to(kind, index, bytes, strlen(bytes)) && kind == BAD) lines[kind][index].busy = true;
  }
}

static void on_event(enum kind kind, uint32_t index) {
  static char bytes[BYTES];
  ssize_t n = recv(lines[kind][index].fd, bytes, sizeof bytes, MSG_DONTWAIT);
  if (n < 0 && errno == EAGAIN) return;
  if (n <= 0) drop(kind, index);
  else lines[kind][index].busy = false;
}

static void report(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  uint32_t open = 0;
  for (uint32_t i = 0; i < counts[SLOW]; i++) open += lines[SLOW][i].fd >= 0;
  printf("{\"slowOpen\":%u,\"slowClosed\":%llu,\"bad\":%llu,\"floods\":%llu,\"cpu\":%.3f}\n", open,
         (unsigned long long)closed[SLOW], (unsigned long long)sent[BAD],
         (unsigned long long)sent[FLOOD],
         (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
             (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6);
  fflush(stdout);
}

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  signal(SIGPIPE, SIG_IGN);
  port = atoi(argv[1]);
  counts[SLOW] = (uint32_t)atol(argv[2]), counts[BAD] = BAD_CONNECTIONS;
  counts[FLOOD] = FLOOD_CONNECTIONS;
  epoll = epoll_create1(EPOLL_CLOEXEC);
  for (int kind = SLOW; kind <= FLOOD; kind++) {
    lines[kind] = calloc(counts[kind] + 1, sizeof **lines);
    if (!lines[kind]) return 1;
    for (uint32_t i = 0; i < counts[kind]; i++) lines[kind][i].fd = -1;
  }
  for (int i = 0; i < FLOOD_REQUESTS; i++)
    strcat(flood, "GET /videos/bench-0/likes HTTP/1.1\r\nHost: a\r\n\r\n");
  int64_t next_bad = now_us(), next_flood = next_bad, next_report = next_bad + US;
  static struct epoll_event events[MAX_EVENTS];
  for (;;) {
    int64_t now = now_us();
    slow_work(now);
    paced(BAD, atof(argv[3]), now, &next_bad);
    paced(FLOOD, atof(argv[4]), now, &next_flood);
    int n = epoll_wait(epoll, events, MAX_EVENTS, 2);
    for (int i = 0; i < n; i++)
      on_event((enum kind)(events[i].data.u64 >> 32), (uint32_t)events[i].data.u64);
    if (now_us() < next_report) continue;
    report();
    next_report += US;
  }
}
