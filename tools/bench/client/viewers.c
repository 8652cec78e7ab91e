#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "text.h"

#define FIRST_ADDRESS 0x7f000002u /* 127.0.0.2 */
#define MAX_CONNECTING 512
#define READ_BYTES (256 * 1024)
#define NEVER_READ_BYTES 4096
#define US 1000000ll

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

struct storm storm;

static struct viewer *viewers;
static uint32_t wanted, started, connecting, open_now;
static double connect_rate;
static int64_t next_start_us;
static char buffer[READ_BYTES];

void viewers_start(void) {
  viewers = calloc(options.viewers ? options.viewers : 1, sizeof *viewers);
  if (!viewers) fail("memory for viewers");
  for (uint32_t i = 0; i < options.viewers; i++) {
    viewers[i].video = (options.first_viewer + i) % options.videos;
    viewers[i].total = UNKNOWN;
    viewers[i].fd = -1;
  }
  connect_rate = options.connect_rate;
}

uint32_t viewers_open(void) { return open_now; }

void viewers_want(uint32_t count) {
  wanted = count < options.viewers ? count : options.viewers;
  next_start_us = now_us();
}

static int open_socket(uint32_t index) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) fail("socket");
  int one = 1, small = NEVER_READ_BYTES;
  if (options.never_read) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  if (options.addresses == 0) return fd;
  setsockopt(fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
  uint32_t address = FIRST_ADDRESS + (options.first_viewer + index) % options.addresses;
  struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(address)};
  if (bind(fd, (struct sockaddr *)&from, sizeof from) < 0) fail("bind");
  return fd;
}

static void start(uint32_t index) {
  struct viewer *v = &viewers[index];
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)options.port),
                           .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  viewer_restart(v);
  v->fd = open_socket(index);
  if (connect(v->fd, (struct sockaddr *)&to, sizeof to) < 0 && errno != EINPROGRESS) {
    close(v->fd);
    v->state = OVER;
    tally.failed++;
    return;
  }
  v->state = CONNECTING;
  connecting++;
  struct epoll_event event = {.events = EPOLLOUT, .data.u64 = index};
  epoll_ctl(epoll, EPOLL_CTL_ADD, v->fd, &event);
}

static void over(struct viewer *v) {
  if (v->state == CONNECTING || v->state == IN_HEAD) connecting--, tally.failed++;
  else open_now--, tally.closed++;
  close(v->fd);
  v->state = OVER;
}

static void ask(struct viewer *v, uint32_t index) {
  char request[8192], path[1024];
  fill(path, sizeof path, options.path, (struct blanks){.video = v->video});
  int length = snprintf(request, sizeof request,
                        "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAccept: text/event-stream\r\n%s",
                        path, options.port, options.headers);
  if (v->id_length > 0)
    length += snprintf(request + length, sizeof request - (size_t)length, "Last-Event-ID: %.*s\r\n",
                       (int)v->id_length, v->id);
  length += snprintf(request + length, sizeof request - (size_t)length, "\r\n");
  v->state = IN_HEAD;
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = index};
  epoll_ctl(epoll, EPOLL_CTL_MOD, v->fd, &event);
  if (send(v->fd, request, (size_t)length, MSG_NOSIGNAL) != length) over(v);
}

static void opened(struct viewer *v, uint32_t index) {
  connecting--;
  open_now++;
  if (storm.began_us && !storm.connected_us && open_now == storm.viewers)
    storm.connected_us = now_us();
  if (!options.never_read) return;
  /* From here on, epoll reports only its end. */
  struct epoll_event event = {.events = 0, .data.u64 = index};
  epoll_ctl(epoll, EPOLL_CTL_MOD, v->fd, &event);
}

static void look_at_storm(void) {
  if (!storm.began_us || storm.exact_us || tally.resumed < storm.viewers) return;
  storm.exact_us = now_us();
  /* Each viewer was open once, but not all at one time. */
  if (!storm.connected_us) storm.connected_us = storm.exact_us;
  report_storm();
}

void viewers_event(uint32_t index, uint32_t events) {
  struct viewer *v = &viewers[index];
  if (v->state == CONNECTING) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(v->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error) over(v);
    else ask(v, index);
    return;
  }
  if (v->state == OPEN && options.never_read) {
    if (events & (EPOLLHUP | EPOLLERR)) over(v);
    return;
  }
  ssize_t n = recv(v->fd, buffer, options.never_read ? 1024 : READ_BYTES, 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) {
    over(v);
    return;
  }
  bool was_open = v->state == OPEN;
  bool of_use = viewer_feed(v, buffer, (size_t)n);
  if (!was_open && v->state == OPEN) opened(v, index);
  if (!of_use) over(v);
  look_at_storm();
}

int64_t viewers_work(void) {
  int64_t now = now_us();
  while (started < wanted && connecting < MAX_CONNECTING && next_start_us <= now) {
    start(started++);
    next_start_us += (int64_t)(US / connect_rate);
  }
  if (started >= wanted) return US;
  if (connecting >= MAX_CONNECTING) next_start_us = now;
  return next_start_us > now ? next_start_us - now : US / 1000;
}

void viewers_storm(double rate) {
  storm = (struct storm){.began_us = now_us(), .viewers = open_now};
  tally.resumed = 0;
  wanted = started;
  started = 0;
  connect_rate = rate;
  for (uint32_t i = 0; i < wanted; i++) {
    struct viewer *v = &viewers[i];
    if (v->state == OPEN) close(v->fd);
    v->state = IDLE;
    v->resuming = true;
  }
  open_now = 0;
  next_start_us = now_us();
}

void viewers_write_totals(FILE *out) {
  int64_t *least = malloc(options.videos * sizeof *least);
  int64_t *most = malloc(options.videos * sizeof *most);
  if (!least || !most) fail("memory for totals");
  for (uint32_t i = 0; i < options.videos; i++) least[i] = INT64_MAX, most[i] = INT64_MIN;
  for (uint32_t i = 0; i < options.viewers; i++) {
    struct viewer *v = &viewers[i];
    if (v->state != OPEN) continue;
    /* A viewer without a total has 0, which is not exact for a video with likes. */
    int64_t total = v->total == UNKNOWN ? 0 : v->total;
    if (total < least[v->video]) least[v->video] = total;
    if (total > most[v->video]) most[v->video] = total;
  }
  for (uint32_t i = 0; i < options.videos; i++) {
    if (i > 0) fputc(',', out);
    if (least[i] == INT64_MAX) fputs("null", out);
    else fprintf(out, "[%lld,%lld]", (long long)least[i], (long long)most[i]);
  }
  free(least);
  free(most);
}
