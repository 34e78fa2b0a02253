#include "fork.h"

#include <errno.h>
#include <limits.h>
#include <link.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "arguments.h"
#include "failure.h"
#include "futex_call.h"

/* What the parent tells a child in the word that they share. */
enum { NOT_YET, GO, STOP };

typedef struct Fork {
  Platform platform;
  ThreadsAtRest threads;
  InertPipe inert;
  char why[160];
  int32_t *verdict;
  int failure;
  const char *failed;
} Fork;

/* A child that cannot become one. The parent sees the exit code; nobody else can be told yet. */
static void give_up(const char *call, int number) {
  char message[160];
  const int length =
      snprintf(message, sizeof message, "multiprocessing: a forked process cannot go on: %s: %s\n", call,
               strerror(number));
  const ssize_t written = write(STDERR_FILENO, message, (size_t)length);
  (void)written;
  _exit(1);
}

static void become_child(Fork *fork, Instance *instance, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, (unsigned long)SIGKILL, 0L, 0L, 0L);
  if (getppid() != parent) _exit(1); /* It was dead before that. */
  const Deadline never = {.kind = DEADLINE_NEVER};
  int32_t verdict;
  while ((verdict = __atomic_load_n(fork->verdict, __ATOMIC_ACQUIRE)) == NOT_YET) {
    futex_wait_until(fork->verdict, NOT_YET, &never);
  }
  if (verdict == STOP) _exit(0);
  conditions_renew(&fork->threads);
  tasks_take_over(&fork->platform);
  own_before_loop(instance);
  int number;
  const char *failed = loop_renew(instance->loop, &fork->inert, &number);
  if (failed != NULL) give_up(failed, number);
  own_renew(instance);
}

static void reap(pid_t pid) {
  int status;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
}

typedef enum { CHILD, PARENT, BUSY, FAILED } Outcome;

/* One attempt. All signals are blocked. */
static Outcome try_fork(Fork *forking, Instance *instance, pid_t *pid) {
  forking->failed = "read of /proc/self/task";
  const int rest = threads_rest(&forking->threads, forking->why, sizeof forking->why);
  if (rest == AT_WORK) return BUSY;
  if ((forking->failure = rest) != 0) return FAILED;
  /* Now, as nobody else is there to map more. */
  forking->failed = "read of /proc/self/maps";
  if ((forking->failure = memory_inherit()) != 0) return FAILED;
  const pid_t us = getpid();
  __atomic_store_n(forking->verdict, NOT_YET, __ATOMIC_RELEASE);
  *pid = fork();
  if (*pid < 0) {
    forking->failed = "fork";
    forking->failure = errno;
    return FAILED;
  }
  if (*pid == 0) {
    become_child(forking, instance, us);
    return CHILD;
  }
  const bool rested = threads_rested(&forking->threads);
  __atomic_store_n(forking->verdict, rested ? GO : STOP, __ATOMIC_RELEASE);
  futex_wake(forking->verdict, 1);
  if (rested) return PARENT;
  reap(*pid);
  snprintf(forking->why, sizeof forking->why, "a thread ran during the fork");
  return BUSY;
}

/* Once more in 50, 100, 200, … microseconds, but no more than a millisecond: what V8's workers do is soon done. */
static Outcome fork_within(Fork *forking, Instance *instance, const Deadline *deadline, pid_t *pid) {
  for (long pause = 50000;; pause = pause < 800000 ? pause * 2 : 1000000) {
    const Outcome outcome = try_fork(forking, instance, pid);
    if (outcome != BUSY || deadline_passed(deadline)) return outcome;
    const struct timespec rest = {0, pause};
    ppoll(NULL, 0, &rest, NULL);
  }
}

static Outcome fork_without_signals(Fork *forking, Instance *instance, const Deadline *deadline, pid_t *pid) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const Outcome outcome = fork_within(forking, instance, deadline, pid);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return outcome;
}

static Outcome fork_now(Fork *forking, Instance *instance, const Deadline *deadline, pid_t *pid) {
  if (loop_is_printing(instance->loop)) {
    snprintf(forking->why, sizeof forking->why, "standard output has not taken yet what was printed");
    return BUSY;
  }
  forking->failed = "mmap";
  const size_t size = (size_t)getpagesize();
  forking->verdict = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (forking->verdict == MAP_FAILED) {
    forking->failure = errno;
    return FAILED;
  }
  Outcome outcome = FAILED;
  forking->failed = "pipe2";
  forking->failure = loop_prepare(&forking->inert);
  if (forking->failure == 0) {
    outcome = fork_without_signals(forking, instance, deadline, pid);
    if (outcome != CHILD) loop_finish(&forking->inert);
  }
  munmap(forking->verdict, size);
  return outcome;
}

/*
 * fork(timeout): the pid of the child; 0 in the child; or a text that says which thread did not come to rest in time.
 * To be called from an immediate and nowhere else, see fork_loop.c.
 */
static napi_value fork_process(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 1);
  Deadline deadline;
  if (!take_timeout(env, argv[0], "timeout", &deadline)) return NULL;
  Fork *forking = calloc(1, sizeof *forking);
  if (forking == NULL) return fail_memory(env);
  const char *reason = platform_find(&forking->platform);
  if (reason != NULL) {
    free(forking);
    napi_throw_error(env, "ERR_MP_FORK", reason);
    return NULL;
  }
  pid_t pid = 0;
  const Outcome outcome = fork_now(forking, instance_of(env), &deadline, &pid);
  napi_value result = NULL;
  if (outcome == FAILED) {
    fail(env, forking->failure, forking->failed);
  } else {
    const napi_status status = outcome == BUSY
                                   ? napi_create_string_utf8(env, forking->why, NAPI_AUTO_LENGTH, &result)
                                   : napi_create_int32(env, pid, &result);
    if (status != napi_ok) fail_status(env, status);
  }
  free(forking);
  return result;
}

/* forkRefusal(): why this process cannot be forked at all, or undefined. */
static napi_value fork_refusal(napi_env env, napi_callback_info info) {
  (void)info;
  Platform platform;
  const char *reason = platform_find(&platform);
  if (reason == NULL) return NULL;
  napi_value result;
  CHECK(env, napi_create_string_utf8(env, reason, NAPI_AUTO_LENGTH, &result));
  return result;
}

/* exitNow(code): nothing runs any more, no destructor either. */
static napi_value exit_now(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 1);
  int64_t code;
  if (!take_integer(env, argv[0], "code", INT_MIN, INT_MAX, &code)) return NULL;
  _exit((int)code);
}

/* The first object will do: each of them says how many were loaded until now. */
static int take_loaded(struct dl_phdr_info *object, size_t size, void *loaded) {
  (void)size;
  *(double *)loaded = (double)object->dlpi_adds;
  return 1;
}

/* countLibraries(): how many shared objects this process has loaded since it began. */
static napi_value count_libraries(napi_env env, napi_callback_info info) {
  (void)info;
  double loaded = 0;
  dl_iterate_phdr(take_loaded, &loaded);
  napi_value result;
  CHECK(env, napi_create_double(env, loaded, &result));
  return result;
}

/* isLoopBusy(): whether something but the immediate that asks keeps the event loop alive. */
static napi_value is_loop_busy(napi_env env, napi_callback_info info) {
  (void)info;
  napi_value result;
  CHECK(env, napi_get_boolean(env, loop_is_busy(instance_of(env)->loop), &result));
  return result;
}

const Function fork_functions[] = {
    {"fork", fork_process},
    {"forkRefusal", fork_refusal},
    {"exitNow", exit_now},
    {"countLibraries", count_libraries},
    {"isLoopBusy", is_loop_busy},
    {NULL, NULL},
};
