#ifndef IDS_H
#define IDS_H

#include <stddef.h>
#include <stdint.h>

/* Writes a new UUIDv7 for a like that is posted at `at_ms`; gives the length. The time in it lies
   ahead as the options say: of the first id, and of each n-th one. */
int write_id(char *out, size_t room, int64_t at_ms);

#endif
