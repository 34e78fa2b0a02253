#include "deadline.h"

#include "arguments.h"

/* About thirty years: more is as good as for ever, and cannot overflow. */
#define LONGEST_MILLISECONDS 1e12

Deadline deadline_after(double milliseconds) {
  if (milliseconds <= 0) return (Deadline){.kind = DEADLINE_NOW};
  if (milliseconds > LONGEST_MILLISECONDS) return (Deadline){.kind = DEADLINE_NEVER};
  Deadline deadline = {.kind = DEADLINE_AT};
  clock_gettime(CLOCK_MONOTONIC, &deadline.at);
  const int64_t nanoseconds = (int64_t)(milliseconds * 1e6) + deadline.at.tv_nsec;
  deadline.at.tv_sec += nanoseconds / 1000000000;
  deadline.at.tv_nsec = nanoseconds % 1000000000;
  return deadline;
}

bool take_timeout(napi_env env, napi_value value, const char *name, Deadline *out) {
  double milliseconds;
  if (napi_get_value_double(env, value, &milliseconds) != napi_ok || milliseconds != milliseconds) {
    refuse_type(env, value, name, "a number of milliseconds, not NaN");
    return false;
  }
  *out = deadline_after(milliseconds);
  return true;
}

const struct timespec *deadline_remaining(const Deadline *deadline, struct timespec *space) {
  if (deadline->kind == DEADLINE_NEVER) return NULL;
  *space = (struct timespec){0, 0};
  if (deadline->kind == DEADLINE_NOW) return space;
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  time_t seconds = deadline->at.tv_sec - now.tv_sec;
  long nanoseconds = deadline->at.tv_nsec - now.tv_nsec;
  if (nanoseconds < 0) {
    nanoseconds += 1000000000;
    seconds--;
  }
  if (seconds >= 0) *space = (struct timespec){seconds, nanoseconds};
  return space;
}

bool deadline_passed(const Deadline *deadline) {
  struct timespec left;
  const struct timespec *remaining = deadline_remaining(deadline, &left);
  return remaining != NULL && remaining->tv_sec == 0 && remaining->tv_nsec == 0;
}

bool deadline_before(const Deadline *a, const Deadline *b) {
  if (a->kind != b->kind) return a->kind < b->kind;
  if (a->kind != DEADLINE_AT) return false;
  return a->at.tv_sec != b->at.tv_sec ? a->at.tv_sec < b->at.tv_sec : a->at.tv_nsec < b->at.tv_nsec;
}
