/* Time-outs: milliseconds from now, as JavaScript counts them, and points of CLOCK_MONOTONIC, as the kernel does. */
#ifndef MP_DEADLINE_H
#define MP_DEADLINE_H

#include <time.h>

#include "module.h"

typedef enum { DEADLINE_NOW, DEADLINE_AT, DEADLINE_NEVER } DeadlineKind;

typedef struct Deadline {
  DeadlineKind kind;
  struct timespec at; /* of DEADLINE_AT */
} Deadline;

/* Milliseconds: 0 or negative is now, Infinity is never; NaN and everything else is a TypeError. */
bool take_timeout(napi_env env, napi_value value, const char *name, Deadline *out);
Deadline deadline_after(double milliseconds);
/* What is left, never negative; NULL (for ever) or `space` filled. */
const struct timespec *deadline_remaining(const Deadline *deadline, struct timespec *space);
bool deadline_passed(const Deadline *deadline);
bool deadline_before(const Deadline *a, const Deadline *b);

#endif
