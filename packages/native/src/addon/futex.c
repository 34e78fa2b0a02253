/* Sleeping on a word, blocking the thread, and waking whoever sleeps on one. */
#include <errno.h>
#include <limits.h>

#include "arguments.h"
#include "failure.h"
#include "futex_call.h"

static napi_value futex_wait_sync(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 4);
  int32_t *word;
  int64_t expected;
  Deadline deadline;
  if (!take_word(env, argv[0], argv[1], &word)) return NULL;
  if (!take_integer(env, argv[2], "expected", INT32_MIN, INT32_MAX, &expected)) return NULL;
  if (!take_timeout(env, argv[3], "timeout", &deadline)) return NULL;

  long outcome;
  do {
    outcome = futex_wait_until(word, (int32_t)expected, &deadline);
  } while (outcome != 0 && errno == EINTR);
  int32_t result = FUTEX_WOKEN;
  if (outcome != 0) {
    if (errno == EAGAIN) result = FUTEX_CHANGED;
    else if (errno == ETIMEDOUT) result = FUTEX_TIMED_OUT;
    else return fail(env, errno, "futex");
  }
  napi_value value;
  CHECK(env, napi_create_int32(env, result, &value));
  return value;
}

static napi_value futex_wake_words(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 3);
  int32_t *word;
  int64_t count;
  if (!take_word(env, argv[0], argv[1], &word)) return NULL;
  if (!take_integer(env, argv[2], "count", 0, INT_MAX, &count)) return NULL;
  const long woken = futex_wake(word, (int)count);
  if (woken < 0) return fail(env, errno, "futex");
  napi_value value;
  CHECK(env, napi_create_int32(env, (int32_t)woken, &value));
  return value;
}

const Function futex_functions[] = {
    {"futexWaitSync", futex_wait_sync},
    {"futexWake", futex_wake_words},
    {NULL, NULL},
};
