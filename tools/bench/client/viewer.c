#define _GNU_SOURCE
#include "viewer.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "client.h"
#include "message.h"

#define MAX_LINE_BYTES (64 * 1024)
#define MAX_ID_BYTES 4096
/* Of a chunk's size, which is then less than 256 MiB. */
#define MAX_SIZE_DIGITS 7

void viewer_restart(struct viewer *v) {
  v->chunked = false;
  v->chunk_part = IN_SIZE;
  v->chunk_digits = 0;
  v->chunk_left = 0;
  v->line_length = 0;
  v->likes = 0;
  v->in_comment = false;
}

static bool starts(const char *line, size_t length, const char *with) {
  size_t need = strlen(with);
  return length >= need && memcmp(line, with, need) == 0;
}

/*
 * A frame contains the time at which its oldest like was accepted, and the next frame the time at
 * which its likes end. Posts between these times are assumed to be even, so one like of them is
 * measured, a different one each time. The likes of a viewer's last frame have no latency, and those
 * of the last frame before a mark count after it.
 */
static void record_likes(struct viewer *v, int64_t next_accepted_us) {
  static uint32_t turn;
  if (v->likes == 0) return;
  /* Likes after the read of the frame are not in it. */
  if (next_accepted_us > v->read_us) next_accepted_us = v->read_us;
  uint32_t posts = (v->likes + options.post_likes - 1) / options.post_likes;
  int64_t span = next_accepted_us > v->accepted_us ? next_accepted_us - v->accepted_us : 0;
  int64_t accepted_us = v->accepted_us + span * (turn++ % posts) / posts;
  histogram_record(&latency, v->read_us - accepted_us, v->likes);
  v->likes = 0;
}

static void take_age(struct viewer *v, int64_t news, int64_t accepted_us) {
  record_likes(v, accepted_us);
  histogram_record(&oldest, read_at_us - accepted_us, 1);
  v->likes = news > 0 ? (uint32_t)news : 0;
  v->accepted_us = accepted_us;
  v->read_us = read_at_us;
  /* With one post, the time is exact. */
  if (news > 0 && news <= options.post_likes) record_likes(v, accepted_us);
}

static void likes(struct viewer *v, int64_t total, int64_t news, const char *line, size_t length) {
  int64_t accepted;
  tally.frames++;
  tally.likes += news;
  if (v->total != UNKNOWN && v->total + news != total) tally.broken++;
  v->total = total;
  if (v->resuming) {
    v->resuming = false;
    tally.resumed++;
    return;
  }
  if (!NUMBER_AFTER(line, length, "\"t\":", &accepted)) tally.unreadable++;
  else take_age(v, news, accepted * 1000);
}

static void snapshot(struct viewer *v, int64_t total) {
  tally.snapshots++;
  v->total = total;
  if (!v->resuming) return;
  v->resuming = false;
  tally.resumed++;
  tally.snapshots_after_resume++;
}

static void comment(const char *line, size_t length) {
  int64_t accepted;
  tally.comments++;
  if (!NUMBER_AFTER(line, length, "\"at\":", &accepted)) tally.unreadable++;
  else histogram_record(&comments, read_at_us - accepted * 1000, 1);
}

static void data(struct viewer *v, const char *line, size_t length) {
  int64_t total, news;
  if (v->in_comment) {
    comment(line, length);
    return;
  }
  if (!NUMBER_AFTER(line, length, "\"total\":", &total)) return;
  if (NUMBER_AFTER(line, length, "\"new\":", &news)) likes(v, total, news, line, length);
  else snapshot(v, total);
}

static bool keep_id(struct viewer *v, const char *id, size_t length) {
  while (length > 0 && *id == ' ') id++, length--;
  if (length > MAX_ID_BYTES) return false;
  if (length > v->id_length) v->id = realloc(v->id, length);
  if (!v->id) return false;
  memcpy(v->id, id, length);
  v->id_length = (uint16_t)length;
  return true;
}

static bool is(const char *line, size_t length, const char *what) {
  return length == strlen(what) && starts(line, length, what);
}

static bool event_line(struct viewer *v, const char *line, size_t length) {
  if (starts(line, length, "event:")) v->in_comment = is(line, length, "event: comment");
  if (starts(line, length, "data:")) data(v, line + 5, length - 5);
  else if (starts(line, length, "event: bye")) tally.byes++;
  else if (options.resume && starts(line, length, "id:")) return keep_id(v, line + 3, length - 3);
  return true;
}

static bool is_chunked(const char *line, size_t length) {
  static const char name[] = "transfer-encoding:", coding[] = "chunked";
  if (length < sizeof name - 1 || strncasecmp(line, name, sizeof name - 1) != 0) return false;
  line += sizeof name - 1, length -= sizeof name - 1;
  while (length > 0 && (*line == ' ' || *line == '\t')) line++, length--;
  while (length > 0 && (line[length - 1] == ' ' || line[length - 1] == '\t')) length--;
  return length == sizeof coding - 1 && strncasecmp(line, coding, length) == 0;
}

static bool head_line(struct viewer *v, const char *line, size_t length) {
  if (starts(line, length, "HTTP/")) {
    bool ok = length >= 12 && memcmp(line + 9, "200", 3) == 0;
    if (!ok) tally.refused++;
    return ok;
  }
  if (is_chunked(line, length)) v->chunked = true;
  if (length == 0) {
    v->state = OPEN;
    tally.opened++;
  }
  return true;
}

static bool line_of(struct viewer *v, const char *line, size_t length) {
  if (length > 0 && line[length - 1] == '\r') length--;
  return v->state == IN_HEAD ? head_line(v, line, length) : event_line(v, line, length);
}

static bool keep_cut(struct viewer *v, const char *bytes, size_t length) {
  size_t need = v->line_length + length;
  if (need > MAX_LINE_BYTES) return false;
  if (need > v->line_room) {
    v->line_room = need < 256 ? 256 : (uint32_t)need * 2;
    v->line = realloc(v->line, v->line_room);
    if (!v->line) return false;
  }
  memcpy(v->line + v->line_length, bytes, length);
  v->line_length = (uint32_t)need;
  return true;
}

/* Reads one line, continuing an earlier read; returns its bytes, or 0 for an invalid one. */
static size_t take_line(struct viewer *v, const char *bytes, size_t length) {
  const char *end = memchr(bytes, '\n', length);
  size_t own = end ? (size_t)(end - bytes) : length;
  if (!end) return keep_cut(v, bytes, length) ? length : 0;
  if (v->line_length == 0) return line_of(v, bytes, own) ? own + 1 : 0;
  if (!keep_cut(v, bytes, own)) return 0;
  size_t whole = v->line_length;
  v->line_length = 0;
  return line_of(v, v->line, whole) ? own + 1 : 0;
}

static bool body(struct viewer *v, const char *bytes, size_t length) {
  while (length > 0) {
    size_t taken = take_line(v, bytes, length);
    if (taken == 0) return false;
    bytes += taken;
    length -= taken;
  }
  return true;
}

static int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  char lower = c | 32;
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* The last chunk has the size 0, and ends the stream. */
static bool end_of_size(struct viewer *v) {
  if (v->chunk_digits == 0 || v->chunk_left == 0) return false;
  v->chunk_part = IN_CHUNK;
  v->chunk_digits = 0;
  return true;
}

static bool take_size(struct viewer *v, char c) {
  if (c == '\n') return end_of_size(v);
  if (c == '\r') return true;
  if (c == ';' || c == ' ' || c == '\t') {
    v->chunk_part = IN_EXTENSION;
    return true;
  }
  int digit = digit_of(c);
  if (digit < 0 || v->chunk_digits == MAX_SIZE_DIGITS) return false;
  v->chunk_digits++;
  v->chunk_left = v->chunk_left * 16 + (uint32_t)digit;
  return true;
}

/* One byte of the lines around a chunk; they may be cut anywhere. */
static bool take_frame_byte(struct viewer *v, char c) {
  if (v->chunk_part == IN_SIZE) return take_size(v, c);
  if (v->chunk_part == IN_EXTENSION) return c == '\n' ? end_of_size(v) : true;
  if (c == '\n') v->chunk_part = IN_SIZE;
  return c == '\n' || c == '\r';
}

static bool chunked_body(struct viewer *v, const char *bytes, size_t length) {
  while (length > 0) {
    if (v->chunk_part != IN_CHUNK) {
      if (!take_frame_byte(v, *bytes)) return false;
      bytes++, length--;
      continue;
    }
    size_t part = length < v->chunk_left ? length : v->chunk_left;
    if (!body(v, bytes, part)) return false;
    bytes += part, length -= part;
    v->chunk_left -= (uint32_t)part;
    if (v->chunk_left == 0) v->chunk_part = AFTER_CHUNK;
  }
  return true;
}

bool viewer_feed(struct viewer *v, const char *bytes, size_t length) {
  tally.bytes += length;
  while (v->state == IN_HEAD && length > 0) {
    size_t taken = take_line(v, bytes, length);
    if (taken == 0) return false;
    bytes += taken;
    length -= taken;
  }
  return v->chunked ? chunked_body(v, bytes, length) : body(v, bytes, length);
}
