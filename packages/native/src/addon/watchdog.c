/*
 * Ends this process when its parent is gone, even while the main thread spins.
 *
 *   main thread                      "mp-watchdog"                              parent
 *   ───────────                      ─────────────                              ──────
 *   endWithParent(socket)   ──────►  polls a duplicate of the socket  ◄───────  has the other end, and dies
 *                                    SIGTERM to this process: handlers run, if the loop turns
 *   stop()                  ──────►  ends, even now                             (an eventfd tells it)
 *                                    after the grace: SIGKILL
 *
 * The thread belongs to the process, not to the environment that started it. It holds nothing of either.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "arguments.h"
#include "deadline.h"
#include "failure.h"
#include "fork.h"
#include "system.h"
#include "thread.h"

typedef struct Watchdog {
  struct Watchdog *next;
  int socket;
  int stop; /* eventfd */
  double grace;
  unsigned generation; /* of forks: in a forked child it is the parent's, and so is the eventfd */
  _Atomic int holds; /* the thread, and the stop function */
} Watchdog;

/* Those whose threads run. */
static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
static Watchdog *watchdogs;

static void enlist(Watchdog *watchdog) {
  pthread_mutex_lock(&list_lock);
  watchdog->next = watchdogs;
  watchdogs = watchdog;
  pthread_mutex_unlock(&list_lock);
}

static void discharge(Watchdog *watchdog) {
  pthread_mutex_lock(&list_lock);
  Watchdog **link = &watchdogs;
  while (*link != watchdog) link = &(*link)->next;
  *link = watchdog->next;
  close(watchdog->socket);
  pthread_mutex_unlock(&list_lock);
}

static void drop_watchdog(Watchdog *watchdog) {
  if (atomic_fetch_sub(&watchdog->holds, 1) > 1) return;
  close(watchdog->stop);
  free(watchdog);
}

/* True: told to stop. False: the deadline has passed, or the socket is hung up. `socket` may be -1. */
static bool wait_for_stop(const Watchdog *watchdog, int socket, Deadline deadline) {
  struct pollfd watched[2] = {{.fd = watchdog->stop, .events = POLLIN}, {.fd = socket, .events = POLLRDHUP}};
  int ready;
  do {
    struct timespec space;
    ready = ppoll(watched, 2, deadline_remaining(&deadline, &space), NULL);
  } while (ready < 0 && (errno == EINTR || errno == ENOMEM));
  return ready > 0 && watched[0].revents != 0;
}

static void *watch_over(void *data) {
  Watchdog *watchdog = data;
  thread_name("mp-watchdog");
  bool stopped = wait_for_stop(watchdog, watchdog->socket, (Deadline){.kind = DEADLINE_NEVER});
  discharge(watchdog);
  if (!stopped) {
    kill(getpid(), SIGTERM);
    stopped = wait_for_stop(watchdog, -1, deadline_after(watchdog->grace));
  }
  if (!stopped) {
    kill(getpid(), SIGKILL);
    /* The first process of a container is spared by its own SIGKILL. */
    syscall(SYS_exit_group, 128 + SIGKILL);
  }
  drop_watchdog(watchdog);
  return NULL;
}

void watchdogs_forget(void) {
  pthread_mutex_init(&list_lock, NULL);
  while (watchdogs != NULL) {
    Watchdog *watchdog = watchdogs;
    watchdogs = watchdog->next;
    /* The parent's socket, at whose other end somebody waits for its end, and not for ours. */
    close(watchdog->socket);
    drop_watchdog(watchdog);
  }
}

static napi_value stop(napi_env env, napi_callback_info info) {
  void *data;
  CHECK(env, napi_get_cb_info(env, info, NULL, NULL, NULL, &data));
  if (((Watchdog *)data)->generation != fork_generation) return NULL;
  const uint64_t one = 1;
  /* It cannot fail, unless it was called 2^64 times. */
  const ssize_t written = write(((Watchdog *)data)->stop, &one, sizeof one);
  (void)written;
  return NULL;
}

static void on_stop_function_gone(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  drop_watchdog(data);
}

/* endWithParent(socket, grace): the stop function */
static napi_value end_with_parent(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 2);
  int socket;
  double grace;
  if (!take_descriptor(env, argv[0], "socket", &socket)) return NULL;
  if (napi_get_value_double(env, argv[1], &grace) != napi_ok || grace != grace) {
    refuse_type(env, argv[1], "options.grace", "a number of milliseconds, not NaN");
    return NULL;
  }
  Watchdog *watchdog = calloc(1, sizeof *watchdog);
  if (watchdog == NULL) return fail_memory(env);
  watchdog->grace = grace;
  watchdog->generation = fork_generation;
  watchdog->socket = descriptor_copy(socket);
  if (watchdog->socket < 0) {
    const int number = errno;
    free(watchdog);
    return fail_descriptor(env, number, "fcntl", socket);
  }
  watchdog->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (watchdog->stop < 0) {
    const int number = errno;
    close(watchdog->socket);
    free(watchdog);
    return fail(env, number, "eventfd");
  }
  atomic_store(&watchdog->holds, 2);

  napi_value function;
  napi_status status = napi_create_function(env, "stop", NAPI_AUTO_LENGTH, stop, watchdog, &function);
  if (status == napi_ok) status = napi_add_finalizer(env, function, watchdog, on_stop_function_gone, NULL, NULL);
  if (status != napi_ok) {
    close(watchdog->socket);
    close(watchdog->stop);
    free(watchdog);
    return fail_status(env, status);
  }
  enlist(watchdog);
  const int number = thread_start(watch_over, watchdog);
  if (number != 0) {
    discharge(watchdog);
    drop_watchdog(watchdog); /* The hold of the thread; the function drops the other. */
    return fail(env, number, "pthread_create");
  }
  return function;
}

const Function watchdog_functions[] = {
    {"endWithParent", end_with_parent},
    {NULL, NULL},
};
