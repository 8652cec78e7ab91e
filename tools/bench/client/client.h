#ifndef CLIENT_H
#define CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "histogram.h"
#include "viewer.h"

/* The options of the command line; main.c describes each. */
struct options {
  int port;
  const char *path;
  const char *headers;
  uint32_t viewers;
  uint32_t first_viewer;
  uint32_t videos;
  uint32_t addresses;
  double connect_rate;
  bool never_read;
  bool resume;
  int post_port;
  const char *post_path;
  const char *post_headers;
  const char *post_body;
  uint32_t post_likes;
  uint32_t post_connections;
  /* Whether a post is left out if no connection is free when it is due; otherwise it waits. */
  bool give_up;
  /* Ids in posts: how far ahead the time of the first id is, and of every n-th id (0: of none). */
  int64_t first_id_ahead_ms;
  int64_t id_ahead_ms;
  uint32_t id_ahead_each;
};

extern struct options options;
extern struct tally tally;
/* Like → viewer, µs: of each like, and of the oldest in each frame. */
extern struct histogram latency, oldest;
/* Comment → viewer, µs. */
extern struct histogram comments;
/* Post → answer, µs: from the time at which the post was due if posts have a rate, so that waiting
   for a free connection counts; otherwise from its sending. */
extern struct histogram answers;
/* The same of the posts that were answered 2xx. */
extern struct histogram accepted;
/* The time at which the current bytes were read, µs since the epoch. */
extern int64_t read_at_us;
extern int epoll;

/* The owner of an epoll event: its kind in the upper half of the 64 bits, its index in the lower. */
enum owner { OF_VIEWER, OF_POSTER, OF_COMMANDS };

int64_t now_us(void);
void fail(const char *what) __attribute__((noreturn));

/* viewers.c: all streams */
void viewers_start(void);
void viewers_want(uint32_t count);
/* Opens the streams that are due; returns the µs until the next one is. */
int64_t viewers_work(void);
void viewers_event(uint32_t index, uint32_t events);
/* Cuts all streams; they resume with their last ids, at `connect_rate`. */
void viewers_storm(double connect_rate);
uint32_t viewers_open(void);
struct storm { int64_t began_us, connected_us, exact_us; uint32_t viewers; };
extern struct storm storm;
/* [[least, most], …] of the last totals of each video's viewers; null without viewers. */
void viewers_write_totals(FILE *out);

/* poster.c: likes, posted over connections that stay open */
struct posting { uint64_t sent, answered, refused, late, likes, unsent, opened; };
extern struct posting posting;
void poster_start(void);
/* Opens all connections, at `connect_rate`, and posts nothing before that. */
void poster_open(void);
/* Posts a second, evenly; 0 for none. */
void poster_rate(double rate);
/* Posts so that this number of likes a video is in flight: posted, and not yet at its viewers. */
void poster_saturate(uint32_t under_way);
int64_t poster_work(void);
void poster_event(uint32_t index, uint32_t events);

/* report.c: lines of JSON on standard output */
void report_progress(void);
void report_mark(void);
void report_storm(void);
void report_totals(void);

#endif
