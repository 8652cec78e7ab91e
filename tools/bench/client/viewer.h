#ifndef VIEWER_H
#define VIEWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum viewer_state { IDLE, CONNECTING, IN_HEAD, OPEN, OVER };

/* Where the next byte of a chunked stream is. */
enum chunk_part { IN_SIZE, IN_EXTENSION, IN_CHUNK, AFTER_CHUNK };

/* Before the first total. */
#define UNKNOWN INT64_MIN

/* One stream; small, because a process holds up to 18,000. */
struct viewer {
  int fd;
  uint32_t video;
  uint8_t state;
  bool chunked;
  uint8_t chunk_part;
  /* The digits of the chunk's size that were read. */
  uint8_t chunk_digits;
  /* Reconnected after a storm, and has no total since. */
  bool resuming;
  /* The chunk's bytes that were not read yet. */
  uint32_t chunk_left;
  int64_t total;
  /* The likes of the last frame, when the oldest of them was accepted, and when they were read. */
  uint32_t likes;
  int64_t accepted_us;
  int64_t read_us;
  /* The start of a line that continues in the next read. */
  char *line;
  uint32_t line_length;
  uint32_t line_room;
  /* Its last event id, kept only if it resumes. */
  char *id;
  uint16_t id_length;
  /* Whether the event that is being read is a comment. */
  bool in_comment;
};

/* The counts of all viewers' events. */
struct tally {
  uint64_t frames;
  /* The sum of `new` over them. */
  int64_t likes;
  uint64_t comments;
  uint64_t bytes;
  uint64_t snapshots;
  /* Snapshots that a viewer got instead of a resume. */
  uint64_t snapshots_after_resume;
  /* Frames where the total before + `new` was not the total. */
  uint64_t broken;
  uint64_t unreadable;
  uint64_t byes;
  uint64_t refused;
  uint64_t opened;
  uint64_t closed;
  uint64_t failed;
  /* Viewers that got a total again after a storm. */
  uint64_t resumed;
};

/* Reads bytes of a stream, in pieces of any length. False if it is invalid or at its end. */
bool viewer_feed(struct viewer *v, const char *bytes, size_t length);

/* Resets to the start of a stream; total and id stay. */
void viewer_restart(struct viewer *v);

#endif
