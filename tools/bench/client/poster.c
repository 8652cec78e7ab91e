#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "text.h"

#define MAX_CONNECTIONS 20000
#define ANSWER_BYTES 16384
#define REQUEST_BYTES 16384
/* A saturated server may lose posts, so the wait for their likes has a limit. */
#define STALL_US 1000000ll
#define LATE_US 100000ll
#define US 1000000ll

/* One connection with at most one post in flight. */
struct poster {
  int fd;
  bool busy;
  uint32_t video;
  /* When its post was due, or was sent. */
  int64_t since_us;
  size_t length;
  char answer[ANSWER_BYTES];
};

struct posting posting;

static struct poster *posters;
/* The free ones, in the order in which they became free; a ring. */
static uint32_t *free_posters, first_free, free_count;
static int64_t *totals;
static double rate;
static uint32_t under_way;
static int64_t next_us, last_post_us;
static int64_t likes_at_start, posted_since;
static uint32_t next_video;
/* Connections that are opened before their first post, and the time of the next one. */
static uint32_t to_open;
static int64_t next_open_us;

void poster_start(void) {
  totals = calloc(options.videos, sizeof *totals);
  if (!totals) fail("memory for totals");
  if (options.post_connections > MAX_CONNECTIONS) options.post_connections = MAX_CONNECTIONS;
  free_count = options.post_connections;
  posters = calloc(free_count, sizeof *posters);
  free_posters = calloc(free_count, sizeof *free_posters);
  if (!posters || !free_posters) fail("memory for posts");
  for (uint32_t i = 0; i < free_count; i++) posters[i].fd = -1, free_posters[i] = i;
}

void poster_rate(double per_second) {
  rate = per_second;
  under_way = 0;
  next_us = now_us();
}

void poster_open(void) {
  to_open = options.post_connections;
  next_open_us = now_us();
}

void poster_saturate(uint32_t posts) {
  rate = 0;
  under_way = posts;
  likes_at_start = tally.likes;
  posted_since = 0;
}

static void connect_poster(uint32_t index) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)options.post_port),
                           .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
  if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) < 0) fail("connecting to post");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint64_t)OF_POSTER << 32 | index};
  epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
  posters[index].fd = fd;
}

static uint32_t take_free(void) {
  uint32_t index = free_posters[first_free];
  first_free = (first_free + 1) % options.post_connections;
  free_count--;
  return index;
}

static void add_free(struct poster *p) {
  p->busy = false;
  free_posters[(first_free + free_count++) % options.post_connections] = (uint32_t)(p - posters);
}

/* Ends a connection, and refuses its post. */
static void hang_up(struct poster *p) {
  if (p->busy) posting.refused++, add_free(p);
  if (p->fd >= 0) close(p->fd);
  p->fd = -1;
}

static void post(uint32_t index, int64_t since_us) {
  struct poster *p = &posters[index];
  char path[1024], request[REQUEST_BYTES * 2];
  static char body[REQUEST_BYTES];
  p->video = next_video;
  next_video = (next_video + 1) % options.videos;
  totals[p->video] += options.post_likes;
  struct blanks blanks = {p->video, totals[p->video], now_us() / 1000};
  fill(path, sizeof path, options.post_path, blanks);
  size_t size = fill(body, sizeof body, options.post_body, blanks);
  int length = snprintf(request, sizeof request,
                        "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Length: %zu\r\n%s\r\n%s",
                        path, options.post_port, size, options.post_headers, body);
  if (p->fd < 0) connect_poster(index);
  p->busy = true;
  p->since_us = since_us;
  p->length = 0;
  last_post_us = now_us();
  posting.sent++;
  posted_since += options.post_likes;
  if (send(p->fd, request, (size_t)length, MSG_NOSIGNAL) != length) hang_up(p);
}

/* Whether an answer is complete. */
static bool is_whole(const char *answer, size_t length) {
  const char *end = strstr(answer, "\r\n\r\n");
  if (!end) return false;
  const char *size = strcasestr(answer, "\r\ncontent-length:");
  if (size && size < end)
    return length >= (size_t)(end + 4 - answer) + strtoul(size + 17, NULL, 10);
  const char *chunked = strcasestr(answer, "\r\ntransfer-encoding: chunked");
  if (chunked && chunked < end) return memcmp(answer + length - 5, "0\r\n\r\n", 5) == 0;
  return true;
}

void poster_event(uint32_t index, uint32_t events) {
  (void)events;
  struct poster *p = &posters[index];
  ssize_t n = recv(p->fd, p->answer + p->length, ANSWER_BYTES - 1 - p->length, MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0 || p->length + (size_t)n >= ANSWER_BYTES - 1) {
    hang_up(p);
    return;
  }
  p->length += (size_t)n;
  p->answer[p->length] = 0;
  if (!p->busy || !is_whole(p->answer, p->length)) return;
  bool taken = p->length > 9 && p->answer[9] == '2';
  add_free(p);
  histogram_record(&answers, read_at_us - p->since_us, 1);
  if (taken) histogram_record(&accepted, read_at_us - p->since_us, 1);
  if (taken) posting.answered++, posting.likes += options.post_likes;
  else posting.refused++;
  if (strcasestr(p->answer, "\r\nconnection: close")) hang_up(p);
}

/* Likes that were posted and that the average viewer has not received. */
static double unseen(void) {
  uint32_t open = viewers_open();
  if (open == 0) return 0;
  return (double)posted_since - (double)(tally.likes - likes_at_start) * options.videos / open;
}

static bool is_due(int64_t now) {
  if (under_way > 0) {
    double most = (double)under_way * options.videos * options.post_likes;
    return unseen() < most || now - last_post_us > STALL_US;
  }
  return rate > 0 && next_us <= now;
}

/* Leaves out the posts that are late: whoever has a connection each does not send them later. */
static void give_up(int64_t now) {
  for (; now - next_us > LATE_US; next_us += (int64_t)(US / rate)) posting.unsent++;
}

static void open_some(int64_t now) {
  for (; to_open > 0 && next_open_us <= now; next_open_us += (int64_t)(US / options.connect_rate))
    if (posters[--to_open].fd < 0) connect_poster(to_open), posting.opened++;
}

int64_t poster_work(void) {
  int64_t now = now_us();
  if (to_open > 0) {
    open_some(now);
    return US / 1000;
  }
  while (is_due(now)) {
    if (free_count == 0) {
      if (options.give_up && rate > 0) give_up(now);
      return US / 1000;
    }
    if (rate > 0 && now - next_us > LATE_US) posting.late++;
    post(take_free(), rate > 0 ? next_us : now);
    next_us += rate > 0 ? (int64_t)(US / rate) : 0;
  }
  if (under_way > 0) return US / 100;
  return rate > 0 && next_us > now ? next_us - now : US;
}
