#define _GNU_SOURCE
#include "message.h"

#include <string.h>

bool number_after(const char *line, size_t length, const char *key, size_t key_length,
                  int64_t *number) {
  const char *at = memmem(line, length, key, key_length);
  if (!at) return false;
  const char *end = line + length;
  at += key_length;
  while (at < end && *at == ' ') at++;
  bool negative = at < end && *at == '-';
  if (negative) at++;
  if (at == end || *at < '0' || *at > '9') return false;
  int64_t value = 0;
  for (; at < end && *at >= '0' && *at <= '9'; at++) value = value * 10 + (*at - '0');
  *number = negative ? -value : value;
  return true;
}
