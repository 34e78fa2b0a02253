/* Other processes: who they are, whether they live, how they ended. */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "arguments.h"
#include "deadline.h"
#include "failure.h"
#include "system.h"

/* P_PIDFD, which older headers do not have. */
#define BY_DESCRIPTOR 3
#define LARGEST_SIGNAL 64

static bool take_pid(napi_env env, napi_value value, pid_t *out) {
  int64_t number;
  if (!take_integer(env, value, "pid", 1, INT_MAX, &number)) return false;
  *out = (pid_t)number;
  return true;
}

static ssize_t read_file(const char *path, char *buffer, size_t capacity) {
  int fd;
  do {
    fd = open(path, O_RDONLY | O_CLOEXEC);
  } while (fd < 0 && errno == EINTR);
  if (fd < 0) return -1;
  ssize_t length;
  do {
    length = read(fd, buffer, capacity - 1);
  } while (length < 0 && errno == EINTR);
  const int number = errno;
  close(fd);
  errno = number;
  buffer[length < 0 ? 0 : length] = 0;
  return length;
}

typedef enum { LIVING, GONE, UNKNOWN } Existence;

/*
 * /proc/<pid>/stat: "pid (name) state ppid …". The name may hold anything, also brackets and spaces, so fields are
 * counted from the last bracket: the state is the 3rd field, the start time the 22nd.
 */
static Existence start_time_of(pid_t pid, uint64_t *start_time) {
  char path[32], text[1024];
  snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
  if (read_file(path, text, sizeof text) < 0) {
    if (errno != ENOENT && errno != ESRCH) return UNKNOWN;
    const int number = errno;
    if (kill(pid, 0) != 0 && errno == ESRCH) return GONE;
    /* It is there, so /proc is missing, or hides the processes of others. */
    errno = number;
    return UNKNOWN;
  }
  const char *at = strrchr(text, ')');
  if (at == NULL || at[1] != ' ') return errno = EPROTO, UNKNOWN;
  const char state = at[2];
  /* A zombie runs no more: it holds nothing but its exit code. */
  if (state == 'Z' || state == 'X' || state == 'x') return GONE;
  at += 2;
  for (int field = 3; field < 22; field++) {
    at = strchr(at, ' ');
    if (at == NULL) return errno = EPROTO, UNKNOWN;
    at++;
  }
  uint64_t ticks = 0;
  for (; *at >= '0' && *at <= '9'; at++) ticks = ticks * 10 + (uint64_t)(*at - '0');
  *start_time = ticks;
  return LIVING;
}

static napi_value process_start_time(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 1);
  pid_t pid;
  if (!take_pid(env, argv[0], &pid)) return NULL;
  uint64_t ticks;
  const Existence existence = start_time_of(pid, &ticks);
  if (existence == UNKNOWN) return fail_process(env, errno, "read of /proc/<pid>/stat", pid);
  if (existence == GONE) return NULL;
  napi_value result;
  CHECK(env, napi_create_bigint_uint64(env, ticks, &result));
  return result;
}

static napi_value is_process_alive(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 2);
  pid_t pid;
  uint64_t expected;
  bool lossless;
  if (!take_pid(env, argv[0], &pid)) return NULL;
  if (napi_get_value_bigint_uint64(env, argv[1], &expected, &lossless) != napi_ok) {
    refuse_type(env, argv[1], "startTime", "of type bigint");
    return NULL;
  }
  uint64_t ticks;
  const Existence existence = start_time_of(pid, &ticks);
  if (existence == UNKNOWN) return fail_process(env, errno, "read of /proc/<pid>/stat", pid);
  napi_value result;
  CHECK(env, napi_get_boolean(env, existence == LIVING && lossless && ticks == expected, &result));
  return result;
}

static napi_value open_process(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 1);
  pid_t pid;
  if (!take_pid(env, argv[0], &pid)) return NULL;
  const int fd = (int)syscall(SYS_pidfd_open, pid, 0U); /* Is close-on-exec. */
  if (fd < 0) return fail_process(env, errno, "pidfd_open", pid);
  napi_value result;
  CHECK(env, napi_create_int32(env, fd, &result));
  return result;
}

/* What waitChildSync returns beside 256 × signal + code. */
enum { TIMED_OUT = -1, NOT_WAITABLE = -2 };

/* How a child ended, without taking that from libuv (WNOWAIT), or NOT_WAITABLE: not our child, or taken already. */
static long look_at_end(int pidfd, int32_t *result) {
  siginfo_t end = {0};
  long outcome;
  do {
    outcome = syscall(SYS_waitid, BY_DESCRIPTOR, pidfd, &end, WEXITED | WNOHANG | WNOWAIT, NULL);
  } while (outcome != 0 && errno == EINTR);
  if (outcome != 0 && errno == ECHILD) {
    *result = NOT_WAITABLE;
    return 0;
  }
  *result = end.si_pid == 0 ? TIMED_OUT : end.si_code == CLD_EXITED ? end.si_status : end.si_status << 8;
  return outcome;
}

static bool wait_for_end(int pidfd, const Deadline *deadline, int32_t *result) {
  struct pollfd watched = {.fd = pidfd, .events = POLLIN};
  for (bool ended = false;;) {
    /* Before the poll, too: it also finds out what is not a pidfd. */
    if (look_at_end(pidfd, result) != 0) return false;
    if (*result >= 0 || (ended && *result == NOT_WAITABLE)) return true;
    if (ended) poll(NULL, 0, 1); /* A debugger has to see the end before we may. */
    struct timespec space;
    const int ready = ppoll(&watched, 1, deadline_remaining(deadline, &space), NULL);
    if (ready < 0 && errno != EINTR) return false;
    if (ready == 0 || (ended && deadline_passed(deadline))) {
      *result = TIMED_OUT;
      return true;
    }
    ended = ready > 0;
  }
}

static napi_value wait_child_sync(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 2);
  int pidfd;
  Deadline deadline;
  if (!take_descriptor(env, argv[0], "pidfd", &pidfd)) return NULL;
  if (!take_timeout(env, argv[1], "timeout", &deadline)) return NULL;

  int32_t result;
  if (!wait_for_end(pidfd, &deadline, &result)) return fail_descriptor(env, errno, "waitid", pidfd);
  napi_value value;
  CHECK(env, napi_create_int32(env, result, &value));
  return value;
}

/* reapChild(pidfd): as waitChildSync without waiting, but takes the exit code, so that no zombie is left. */
static napi_value reap_child(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 1);
  int pidfd;
  if (!take_descriptor(env, argv[0], "pidfd", &pidfd)) return NULL;
  int32_t result;
  if (look_at_end(pidfd, &result) != 0) return fail_descriptor(env, errno, "waitid", pidfd);
  if (result >= 0) {
    siginfo_t end = {0};
    while (syscall(SYS_waitid, BY_DESCRIPTOR, pidfd, &end, WEXITED | WNOHANG, NULL) != 0 && errno == EINTR) continue;
  }
  napi_value value;
  CHECK(env, napi_create_int32(env, result, &value));
  return value;
}

static napi_value signal_process(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 2);
  int pidfd;
  int64_t signal;
  if (!take_descriptor(env, argv[0], "pidfd", &pidfd)) return NULL;
  if (!take_integer(env, argv[1], "signal", 0, LARGEST_SIGNAL, &signal)) return NULL;
  const long outcome = syscall(SYS_pidfd_send_signal, pidfd, (int)signal, NULL, 0U);
  if (outcome != 0 && errno != ESRCH) return fail_descriptor(env, errno, "pidfd_send_signal", pidfd);
  napi_value result;
  CHECK(env, napi_get_boolean(env, outcome == 0, &result));
  return result;
}

static napi_value set_parent_death_signal(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 1);
  int64_t signal;
  if (!take_integer(env, argv[0], "signal", 0, LARGEST_SIGNAL, &signal)) return NULL;
  if (prctl(PR_SET_PDEATHSIG, (unsigned long)signal, 0L, 0L, 0L) != 0) return fail(env, errno, "prctl");
  return NULL;
}

static napi_value thread_id(napi_env env, napi_callback_info info) {
  (void)info;
  napi_value result;
  CHECK(env, napi_create_int32(env, (int32_t)syscall(SYS_gettid), &result));
  return result;
}

const Function process_functions[] = {
    {"threadId", thread_id},
    {"processStartTime", process_start_time},
    {"isProcessAlive", is_process_alive},
    {"openProcess", open_process},
    {"waitChildSync", wait_child_sync},
    {"reapChild", reap_child},
    {"signalProcess", signal_process},
    {"setParentDeathSignal", set_parent_death_signal},
    {NULL, NULL},
};
