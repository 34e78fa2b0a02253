/*
 * Which threads there are, and whether they sleep where they hold nothing.
 *
 *   resting      waits for a condition variable or a semaphore (FUTEX_WAIT_BITSET: V8's workers, libuv's pool, the
 *                inspector's thread); Node's scheduler of delayed tasks in its epoll; our own threads in their calls
 *   not resting  runs; waits for a lock (FUTEX_WAIT); is in any other call, such as a look-up of a name, which may
 *                hold locks of the C library meanwhile
 *
 * Only a thread that runs can wake or make others. So if all rest at once, all do until this one goes on, with one
 * exception: the scheduler of delayed tasks, whose time may come, and whatever else the kernel may wake. For them there
 * is `threads_rested`.
 */
#include <dirent.h>
#include <errno.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fork.h"
#include "system.h"

static ssize_t read_at(int task, const char *id, const char *name, char *buffer, size_t capacity) {
  char path[64];
  snprintf(path, sizeof path, "%s/%s", id, name);
  int fd;
  do {
    fd = (int)syscall(SYS_openat, task, path, O_RDONLY | O_CLOEXEC);
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

/* "202 0x7f… 0x189 …": the call and its first two arguments; false: "running", or asleep outside of any call. */
static bool parse_call(const char *text, long *call, unsigned long *first, unsigned long *second) {
  char *end;
  *call = strtol(text, &end, 10);
  if (end == text || *end != ' ' || *call < 0) return false;
  *first = strtoul(end + 1, &end, 16);
  if (*end != ' ') return false;
  *second = strtoul(end + 1, &end, 16);
  return *end == ' ';
}

static bool starts_with(const char *text, const char *start) { return strncmp(text, start, strlen(start)) == 0; }

static bool is_own(const char *name) { return starts_with(name, "mp-"); }

static bool rests(ThreadAtRest *thread, const char *name, const char *text, char *why, size_t capacity) {
  long call;
  unsigned long first, second;
  if (!parse_call(text, &call, &first, &second)) {
    snprintf(why, capacity, "thread %d (%s) is at work", (int)thread->id, name);
    return false;
  }
  if (call == SYS_futex) {
    if ((second & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET) {
      thread->sleeps_on = is_own(name) ? 0 : first;
      return true;
    }
    snprintf(why, capacity, "thread %d (%s) waits for a lock", (int)thread->id, name);
    return false;
  }
  const bool in_loop = call == SYS_epoll_pwait
#ifdef SYS_epoll_wait
                       || call == SYS_epoll_wait
#endif
      ;
  if (in_loop && starts_with(name, "DelayedTaskSche")) return true;
  if (is_own(name) && (call == SYS_futex_waitv || call == SYS_ppoll)) return true;
  if (in_loop) {
    snprintf(why, capacity, "thread %d (%s) has an event loop of its own: a worker thread, or an inspector",
             (int)thread->id, name);
  } else {
    snprintf(why, capacity, "thread %d (%s) is in system call %ld", (int)thread->id, name, call);
  }
  return false;
}

/* It has ended meanwhile. */
static bool is_gone(int number) { return number == ENOENT || number == ESRCH; }

static int look_at(int task, const char *id, ThreadsAtRest *found, char *why, size_t capacity) {
  char name[THREAD_NAME + 1], text[256];
  ThreadAtRest *thread = &found->threads[found->count];
  thread->id = (pid_t)strtol(id, NULL, 10);
  thread->sleeps_on = 0;
  /* The count of runs first: what is seen of the thread after that is later. */
  if (read_at(task, id, "schedstat", thread->runs, sizeof thread->runs) <= 0 ||
      read_at(task, id, "comm", name, sizeof name) < 0 || read_at(task, id, "syscall", text, sizeof text) < 0) {
    return is_gone(errno) ? 0 : errno;
  }
  char *newline = strchr(name, '\n');
  if (newline != NULL) *newline = 0;
  if (!rests(thread, name, text, why, capacity)) return AT_WORK;
  found->count++;
  return 0;
}

int threads_rest(ThreadsAtRest *found, char *why, size_t capacity) {
  found->count = 0;
  DIR *directory = opendir("/proc/self/task");
  if (directory == NULL) return errno;
  const int task = dirfd(directory);
  const pid_t us = (pid_t)syscall(SYS_gettid);
  int outcome = 0;
  for (const struct dirent *entry; outcome == 0 && (entry = readdir(directory)) != NULL;) {
    if (entry->d_name[0] == '.' || strtol(entry->d_name, NULL, 10) == us) continue;
    if (found->count == MOST_THREADS_AT_FORK) {
      snprintf(why, capacity, "there are more than %d threads", MOST_THREADS_AT_FORK);
      outcome = AT_WORK;
    } else {
      outcome = look_at(task, entry->d_name, found, why, capacity);
    }
  }
  closedir(directory);
  return outcome;
}

bool threads_rested(const ThreadsAtRest *found) {
  for (size_t i = 0; i < found->count; i++) {
    const ThreadAtRest *thread = &found->threads[i];
    char path[64], runs[sizeof thread->runs];
    snprintf(path, sizeof path, "/proc/self/task/%d", (int)thread->id);
    /* One that cannot be read has run to its end. */
    if (read_at(AT_FDCWD, path, "schedstat", runs, sizeof runs) <= 0) return false;
    /* The second number, the time spent waiting for a processor, grows with the last one only. */
    if (strcmp(runs, thread->runs) != 0) return false;
  }
  return true;
}
