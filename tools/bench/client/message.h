#ifndef MESSAGE_H
#define MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The number after `"key":` in a line of JSON. `key` includes its quotes and colon. */
bool number_after(const char *line, size_t length, const char *key, size_t key_length,
                  int64_t *number);

#define NUMBER_AFTER(line, length, key, number) \
  number_after(line, length, key, sizeof(key) - 1, number)

#endif
