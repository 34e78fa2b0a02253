/* The waits that block the thread: poll(2). */
#include <errno.h>
#include <stdlib.h>

#include "arguments.h"
#include "deadline.h"
#include "failure.h"
#include "poll_bits.h"

/* How many descriptors are watched without allocating. */
#define FEW 64

static int wait_ready(struct pollfd *watched, nfds_t count, const Deadline *deadline) {
  for (;;) {
    struct timespec space;
    const int ready = ppoll(watched, count, deadline_remaining(deadline, &space), NULL);
    if (ready >= 0 || errno != EINTR) return ready;
  }
}

/* True if the wait makes sense; a wait for nothing and without end could not even be interrupted. */
static bool check_wait(napi_env env, bool any, const Deadline *deadline) {
  if (any || deadline->kind != DEADLINE_NEVER) return true;
  refuse_value(env, "timeout", "must be finite when there is no descriptor to wait for");
  return false;
}

static napi_value poll_sync(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 3);
  Words words;
  int64_t count;
  Deadline deadline;
  if (!take_words(env, argv[0], "watch", &words)) return NULL;
  if (!take_integer(env, argv[1], "count", 0, (int64_t)(words.length / 3), &count)) return NULL;
  if (!take_timeout(env, argv[2], "timeout", &deadline)) return NULL;

  struct pollfd few[FEW];
  struct pollfd *watched = count <= FEW ? few : malloc((size_t)count * sizeof *watched);
  if (watched == NULL) return fail_memory(env);
  bool any = false;
  for (int64_t i = 0; i < count; i++) {
    watched[i] = (struct pollfd){.fd = words.data[3 * i], .events = poll_events_of(words.data[3 * i + 1])};
    any = any || watched[i].fd >= 0;
  }
  napi_value result = NULL;
  if (check_wait(env, any, &deadline)) {
    const int ready = wait_ready(watched, (nfds_t)count, &deadline);
    const int number = errno;
    int invalid = -1;
    for (int64_t i = 0; ready >= 0 && i < count; i++) {
      if ((watched[i].revents & POLLNVAL) != 0) invalid = watched[i].fd;
      words.data[3 * i + 2] = bits_of_poll_events(watched[i].revents);
    }
    if (ready < 0) {
      fail(env, number, "poll");
    } else if (invalid >= 0) {
      fail_descriptor(env, EBADF, "poll", invalid);
    } else {
      const napi_status status = napi_create_int32(env, ready, &result);
      if (status != napi_ok) fail_status(env, status);
    }
  }
  if (watched != few) free(watched);
  return result;
}

static napi_value poll_two_sync(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 5);
  int a, b;
  int64_t wanted_a, wanted_b;
  Deadline deadline;
  if (!take_optional_descriptor(env, argv[0], "fdA", &a)) return NULL;
  if (!take_integer(env, argv[1], "wantedA", 0, ALL_BITS, &wanted_a)) return NULL;
  if (!take_optional_descriptor(env, argv[2], "fdB", &b)) return NULL;
  if (!take_integer(env, argv[3], "wantedB", 0, ALL_BITS, &wanted_b)) return NULL;
  if (!take_timeout(env, argv[4], "timeout", &deadline)) return NULL;
  if (!check_wait(env, a >= 0 || b >= 0, &deadline)) return NULL;

  struct pollfd watched[2] = {{.fd = a, .events = poll_events_of((int)wanted_a)},
                              {.fd = b, .events = poll_events_of((int)wanted_b)}};
  if (wait_ready(watched, 2, &deadline) < 0) return fail(env, errno, "poll");
  for (int i = 0; i < 2; i++) {
    if ((watched[i].revents & POLLNVAL) != 0) return fail_descriptor(env, EBADF, "poll", watched[i].fd);
  }
  napi_value result;
  CHECK(env, napi_create_int32(env,
                               bits_of_poll_events(watched[0].revents) | bits_of_poll_events(watched[1].revents) << 8,
                               &result));
  return result;
}

const Function poll_functions[] = {
    {"pollSync", poll_sync},
    {"pollTwoSync", poll_two_sync},
    {NULL, NULL},
};
