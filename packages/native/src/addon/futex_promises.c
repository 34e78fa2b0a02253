/* The face of futex_waiters.c: waits are numbers here, and TypeScript has the promises. */
#include <errno.h>

#include "arguments.h"
#include "call_back.h"
#include "failure.h"
#include "futex_waiters.h"

static void on_settled(Instance *instance) {
  if (!instance->ending) call_back(instance->env, instance->on_settled, 0);
}

/* futexOnSettled(callback): called when there is something to take. Before anything else, once. */
static napi_value futex_on_settled(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 1);
  if (!take_function(env, argv[0], "callback")) return NULL;
  Instance *instance = instance_of(env);
  if (instance->waiters != NULL) {
    refuse_value(env, "callback", "was set before");
    return NULL;
  }
  CHECK(env, napi_create_reference(env, argv[0], 1, &instance->on_settled));
  instance->waiters = waiters_create(instance, on_settled);
  return instance->waiters == NULL ? fail_memory(env) : NULL;
}

static FutexWaiters *waiters_of(napi_env env) {
  FutexWaiters *waiters = instance_of(env)->waiters;
  if (waiters == NULL) napi_throw_error(env, "ERR_MP_NODE_API", "futexOnSettled() has to be called first");
  return waiters;
}

/* Settled without a wait: what futexWait returns instead of an id. */
enum { CHANGED_ALREADY = -1, TIMED_OUT_ALREADY = -2 };

/* futexWait(words, index, expected, timeout, ref): an id. */
static napi_value futex_wait(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 5);
  int32_t *word;
  int64_t expected;
  Deadline deadline;
  bool referenced;
  if (!take_word(env, argv[0], argv[1], &word)) return NULL;
  if (!take_integer(env, argv[2], "expected", INT32_MIN, INT32_MAX, &expected)) return NULL;
  if (!take_timeout(env, argv[3], "options.timeout", &deadline)) return NULL;
  if (!take_boolean(env, argv[4], "options.ref", &referenced)) return NULL;
  FutexWaiters *waiters = waiters_of(env);
  if (waiters == NULL) return NULL;

  int64_t result;
  uint32_t id;
  if (futex_compare(word, (int32_t)expected) < 0) {
    if (errno != EAGAIN) return fail(env, errno, "futex");
    result = CHANGED_ALREADY;
  } else if (deadline.kind == DEADLINE_NOW) {
    result = TIMED_OUT_ALREADY;
  } else {
    const int number = waiters_add(waiters, word, (int32_t)expected, deadline, referenced, &id);
    if (number == EAGAIN) return fail(env, number, "futexWait: too many waits at once");
    if (number != 0) return fail(env, number, "futexWait");
    result = id;
  }
  napi_value value;
  CHECK(env, napi_create_int64(env, result, &value));
  return value;
}

/* futexCancel(id): whether it was pending. */
static napi_value futex_cancel(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 1);
  int64_t id;
  if (!take_integer(env, argv[0], "id", 0, UINT32_MAX, &id)) return NULL;
  FutexWaiters *waiters = waiters_of(env);
  if (waiters == NULL) return NULL;
  napi_value value;
  CHECK(env, napi_get_boolean(env, waiters_cancel(waiters, (uint32_t)id), &value));
  return value;
}

/* futexTake(): 4 × id + FutexResult of one that is settled, or -1. */
static napi_value futex_take(napi_env env, napi_callback_info info) {
  (void)info;
  FutexWaiters *waiters = waiters_of(env);
  if (waiters == NULL) return NULL;
  Settled settled;
  const int64_t result = waiters_take(waiters, &settled) ? 4 * (int64_t)settled.id + settled.result : -1;
  napi_value value;
  CHECK(env, napi_create_int64(env, result, &value));
  return value;
}

static napi_value futex_without_waitv(napi_env env, napi_callback_info info) {
  (void)info;
  FutexWaiters *waiters = waiters_of(env);
  if (waiters != NULL) waiters_without_waitv(waiters);
  return NULL;
}

void futex_promises_end(Instance *instance) {
  if (instance->waiters != NULL) waiters_end(instance->waiters);
  instance->waiters = NULL;
}

const Function futex_promise_functions[] = {
    {"futexOnSettled", futex_on_settled},
    {"futexWait", futex_wait},
    {"futexCancel", futex_cancel},
    {"futexTake", futex_take},
    {"futexWithoutWaitv", futex_without_waitv},
    {NULL, NULL},
};
