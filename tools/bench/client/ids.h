#ifndef IDS_H
#define IDS_H

#include <stddef.h>
#include <stdint.h>

/* Writes a new UUIDv7 for a like that is posted at `at_ms`; returns its length. By the options, the
   time in the first id and in every n-th id is ahead. */
int write_id(char *out, size_t room, int64_t at_ms);

#endif
