/*
 * The bench's load client: opens streams and posts, in one thread with epoll, from several loopback
 * addresses. Commands are lines on standard input, answers are lines of JSON on standard output:
 *   connect N    opens viewers until N are open
 *   rate R       posts R times a second, evenly; 0: not at all
 *   open         opens all connections that post
 *   saturate K   posts so that K likes a video are in flight; 0: not at all
 *   mark         prints all counts so far and the latencies since the last mark
 *   totals       prints the least and the greatest last total of each video's viewers
 *   storm R      cuts all viewers; they resume with their ids, R a second
 *   quit         ends, as the end of standard input does
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "client.h"

#define MAX_EVENTS 1024
#define PROGRESS_US 1000000ll
#define COMMAND_BYTES 256

struct options options = {
    .path = "/", .headers = "", .videos = 1, .connect_rate = 3000, .post_path = "/",
    .post_headers = "", .post_body = "", .post_likes = 1, .post_connections = 1,
};
struct tally tally;
struct histogram latency, oldest, comments, answers, accepted;
int64_t read_at_us;
int epoll;

int64_t now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void fail(const char *what) {
  fprintf(stderr, "bench client: %s: %s\n", what, strerror(errno));
  exit(1);
}

enum { PORT = 1, PATH, HEADERS, VIEWERS, FIRST_VIEWER, VIDEOS, ADDRESSES, CONNECT_RATE, NEVER_READ,
       RESUME, POST_PORT, POST_PATH, POST_HEADERS, POST_BODY, POST_LIKES, POST_CONNECTIONS,
       FIRST_ID_AHEAD_MS, ID_AHEAD_MS, ID_AHEAD_EACH, GIVE_UP };

static const struct option NAMES[] = {
    {"port", 1, 0, PORT},
    {"path", 1, 0, PATH},                 /* @V@ is the video's number */
    {"headers", 1, 0, HEADERS},           /* lines, each with its \r\n */
    {"viewers", 1, 0, VIEWERS},           /* the limit of this process */
    {"first-viewer", 1, 0, FIRST_VIEWER}, /* viewer i watches video (first + i) modulo videos */
    {"videos", 1, 0, VIDEOS},
    {"addresses", 1, 0, ADDRESSES},       /* from 127.0.0.2 on; 0: the system chooses */
    {"connect-rate", 1, 0, CONNECT_RATE},
    {"never-read", 0, 0, NEVER_READ},     /* reads only the head; small receive buffer */
    {"resume", 0, 0, RESUME},             /* keeps event ids */
    {"post-port", 1, 0, POST_PORT},
    {"post-path", 1, 0, POST_PATH},       /* @V@ as above; text.h lists the others */
    {"post-headers", 1, 0, POST_HEADERS},
    {"post-body", 1, 0, POST_BODY},
    {"post-likes", 1, 0, POST_LIKES},     /* likes in one post */
    /* Posts are in order on one connection only. */
    {"post-connections", 1, 0, POST_CONNECTIONS},
    {"give-up", 0, 0, GIVE_UP},           /* leaves out posts for which no connection is free */
    {"first-id-ahead-ms", 1, 0, FIRST_ID_AHEAD_MS},
    {"id-ahead-ms", 1, 0, ID_AHEAD_MS},
    {"id-ahead-each", 1, 0, ID_AHEAD_EACH}, /* every n-th id is ahead; 0: none */
    {0, 0, 0, 0},
};

static void set_option(int name, const char *value) {
  switch (name) {
    case PORT: options.port = atoi(value); break;
    case PATH: options.path = value; break;
    case HEADERS: options.headers = value; break;
    case VIEWERS: options.viewers = (uint32_t)atol(value); break;
    case FIRST_VIEWER: options.first_viewer = (uint32_t)atol(value); break;
    case VIDEOS: options.videos = (uint32_t)atol(value); break;
    case ADDRESSES: options.addresses = (uint32_t)atol(value); break;
    case CONNECT_RATE: options.connect_rate = atof(value); break;
    case NEVER_READ: options.never_read = true; break;
    case RESUME: options.resume = true; break;
    case POST_PORT: options.post_port = atoi(value); break;
    case POST_PATH: options.post_path = value; break;
    case POST_HEADERS: options.post_headers = value; break;
    case POST_BODY: options.post_body = value; break;
    case POST_LIKES: options.post_likes = (uint32_t)atol(value); break;
    case POST_CONNECTIONS: options.post_connections = (uint32_t)atol(value); break;
    case GIVE_UP: options.give_up = true; break;
    case FIRST_ID_AHEAD_MS: options.first_id_ahead_ms = atoll(value); break;
    case ID_AHEAD_MS: options.id_ahead_ms = atoll(value); break;
    case ID_AHEAD_EACH: options.id_ahead_each = (uint32_t)atol(value); break;
    default: exit(2);
  }
}

static void command(const char *line) {
  double number = 0;
  if (sscanf(line, "connect %lf", &number) == 1) viewers_want((uint32_t)number);
  else if (sscanf(line, "rate %lf", &number) == 1) poster_rate(number);
  else if (sscanf(line, "saturate %lf", &number) == 1) poster_saturate((uint32_t)number);
  else if (sscanf(line, "storm %lf", &number) == 1) viewers_storm(number);
  else if (strcmp(line, "open") == 0) poster_open();
  else if (strcmp(line, "mark") == 0) report_mark();
  else if (strcmp(line, "totals") == 0) report_totals();
  else if (strcmp(line, "quit") == 0) exit(0);
  else fprintf(stderr, "bench client: no such command: %s\n", line);
}

static void read_commands(void) {
  static char held[COMMAND_BYTES];
  static size_t length;
  ssize_t n = read(STDIN_FILENO, held + length, sizeof held - 1 - length);
  if (n == 0) exit(0);
  if (n < 0) return;
  length += (size_t)n;
  held[length] = 0;
  char *line = held, *end;
  while ((end = strchr(line, '\n'))) {
    *end = 0;
    command(line);
    line = end + 1;
  }
  length = strlen(line);
  memmove(held, line, length);
  if (length == sizeof held - 1) fail("a command is too long");
}

static void handle(struct epoll_event event) {
  uint32_t index = (uint32_t)event.data.u64;
  switch ((enum owner)(event.data.u64 >> 32)) {
    case OF_VIEWER: viewers_event(index, event.events); break;
    case OF_POSTER: poster_event(index, event.events); break;
    case OF_COMMANDS: read_commands(); break;
  }
}

static void loop(void) {
  static struct epoll_event events[MAX_EVENTS];
  int64_t next_progress_us = now_us() + PROGRESS_US;
  for (;;) {
    int64_t wait = viewers_work(), post_wait = poster_work();
    int64_t progress_wait = next_progress_us - now_us();
    if (post_wait < wait) wait = post_wait;
    if (progress_wait < wait) wait = progress_wait > 0 ? progress_wait : 0;
    struct timespec time = {wait / 1000000, wait % 1000000 * 1000};
    int n = epoll_pwait2(epoll, events, MAX_EVENTS, &time, NULL);
    if (n < 0 && errno != EINTR) fail("epoll_pwait2");
    for (int i = 0; i < n; i++) {
      read_at_us = now_us();
      handle(events[i]);
    }
    if (now_us() < next_progress_us) continue;
    report_progress();
    next_progress_us += PROGRESS_US;
  }
}

int main(int argc, char **argv) {
  int name;
  while ((name = getopt_long(argc, argv, "", NAMES, NULL)) != -1) set_option(name, optarg);
  if (options.videos == 0 || options.connect_rate <= 0) fail("videos and connect-rate");
  signal(SIGPIPE, SIG_IGN);
  epoll = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint64_t)OF_COMMANDS << 32};
  if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, STDIN_FILENO, &event) < 0) fail("epoll");
  viewers_start();
  poster_start();
  loop();
}
