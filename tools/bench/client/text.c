#include "text.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "ids.h"

/* The longest value of a placeholder: a UUID and its terminating zero. */
#define BLANK_BYTES 40

static int one(char *out, size_t room, char blank, struct blanks blanks) {
  if (blank == 'V') return snprintf(out, room, "%u", blanks.video);
  if (blank == 'N') return snprintf(out, room, "%lld", (long long)blanks.total);
  if (blank == 'I') return write_id(out, room, blanks.at_ms);
  if (blank == 'P') return snprintf(out, room, "%d", (int)getpid());
  return snprintf(out, room, "%lld", (long long)blanks.at_ms);
}

size_t fill(char *out, size_t room, const char *template, struct blanks blanks) {
  size_t length = 0;
  for (const char *at = template; *at; at++) {
    if (length + BLANK_BYTES > room) fail("a template is too long");
    char blank = at[0] == '@' && at[1] && at[2] == '@' ? at[1] : 0;
    if (blank && strchr("VNTPI", blank)) {
      length += (size_t)one(out + length, room - length, blank, blanks);
      at += 2;
    } else {
      out[length++] = *at;
    }
  }
  out[length] = 0;
  return length;
}
