#ifndef TEXT_H
#define TEXT_H

#include <stddef.h>
#include <stdint.h>

/* The placeholders of a template: @V@ the video, @N@ its total, @T@ the time in ms; @P@ this process,
   whose totals begin at 0; @I@ a new UUIDv7 at each place. */
struct blanks {
  uint32_t video;
  int64_t total;
  int64_t at_ms;
};

/* Fills a template's placeholders; returns the length. Fails if the buffer is too small. */
size_t fill(char *out, size_t room, const char *template, struct blanks blanks);

#endif
