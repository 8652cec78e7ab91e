#define _GNU_SOURCE
#include "ids.h"

#include <stdbool.h>
#include <stdio.h>
#include <sys/random.h>

#include "client.h"

/* xorshift64: unique ids are needed here, not secret ones. */
static uint64_t random_bits(void) {
  static uint64_t state;
  if (state == 0 && getrandom(&state, sizeof state, 0) != sizeof state) fail("getrandom");
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

static int64_t ahead_ms(void) {
  static uint64_t made;
  bool first = made++ == 0;
  if (first) return options.first_id_ahead_ms;
  bool due = options.id_ahead_each > 0 && made % options.id_ahead_each == 0;
  return due ? options.id_ahead_ms : 0;
}

int write_id(char *out, size_t room, int64_t at_ms) {
  uint64_t time = (uint64_t)(at_ms + ahead_ms());
  uint64_t high = random_bits(), low = random_bits();
  return snprintf(out, room, "%08llx-%04llx-7%03llx-%04llx-%012llx",
                  (unsigned long long)(time >> 16 & 0xffffffff),
                  (unsigned long long)(time & 0xffff), (unsigned long long)(high & 0xfff),
                  (unsigned long long)(0x8000 | (high >> 12 & 0x3fff)),
                  (unsigned long long)(low & 0xffffffffffff));
}
