/*
 * V8's workers in a child.
 *
 * What V8 posts (compiling hot functions, marking and sweeping the heap, WebAssembly) is run by threads of our own, as
 * many as Node has by default, started when there is something to do. Node's queue is left alone: it was empty, as its
 * workers were asleep, and nobody takes anything out of it any more.
 *
 *   V8 ── NodePlatform::PostTask… ──▶ queue ──▶ "mp-v8-worker" × 0…4 ──▶ task->Run(), delete task
 *   Node, when its loop is empty ── NodePlatform::DrainTasks ──▶ until the queue is empty: what Node does, and again
 *
 * Delayed tasks wait in a list of their own. Those that Node's scheduler held at the fork are lost in the child; V8
 * uses them only to tidy up.
 *
 * No pthread_cond_*: see scripts/libc-functions.txt.
 */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "fork.h"
#include "futex_call.h"
#include "thread.h"

#define MOST_WORKERS 4
/* What Node gives its own: a compiler recurses deeply. */
#define WORKER_STACK (8UL << 20)
/* How long the main thread sleeps while workers are at work, before it looks what they may want of it. */
#define DRAIN_SLICE_MS 1

typedef struct Task {
  void *task; /* v8::Task */
  bool delayed;
  Deadline due;
  struct Task *next;
} Task;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static Task *first;
static size_t unfinished; /* posted, not delayed, and not run to the end */
static unsigned workers, idle;
static int32_t bell; /* changed, under the lock, for every task */
static int32_t done; /* changed, under the lock, when nothing is unfinished */

typedef void (*DrainTasks)(void *platform, void *isolate);
static DrainTasks drain_before;

static void run_task(void *task) {
  void (**vtable)(void *) = *(void (***)(void *))task;
  vtable[2](task); /* Run */
  vtable[1](task); /* the deleting destructor */
}

/* Under the lock. Takes the first task whose time has come; otherwise `wake` is when to look again. */
static Task *take_due(Deadline *wake) {
  *wake = (Deadline){.kind = DEADLINE_NEVER};
  for (Task **link = &first; *link != NULL; link = &(*link)->next) {
    Task *task = *link;
    if (!task->delayed || deadline_passed(&task->due)) {
      *link = task->next;
      return task;
    }
    if (deadline_before(&task->due, wake)) *wake = task->due;
  }
  return NULL;
}

static void *work(void *data) {
  (void)data;
  thread_name("mp-v8-worker");
  pthread_mutex_lock(&lock);
  for (;;) {
    Deadline wake;
    Task *task = take_due(&wake);
    if (task != NULL) {
      pthread_mutex_unlock(&lock);
      run_task(task->task);
      const bool counted = !task->delayed;
      free(task);
      pthread_mutex_lock(&lock);
      if (counted && --unfinished == 0) {
        done++;
        futex_wake(&done, INT_MAX);
      }
      continue;
    }
    const int32_t seen = bell;
    idle++;
    pthread_mutex_unlock(&lock);
    futex_wait_until(&bell, seen, &wake);
    pthread_mutex_lock(&lock);
    idle--;
  }
  return NULL;
}

/* Under the lock. Without a worker at all, tasks would never be done, and V8 waits for some. */
static void start_worker(void) {
  const int number = thread_start_large(work, NULL, WORKER_STACK);
  if (number == 0) {
    workers++;
  } else if (workers == 0) {
    static const char message[] = "multiprocessing: a forked process cannot start a thread for V8.\n";
    const ssize_t written = write(STDERR_FILENO, message, sizeof message - 1);
    (void)written;
    abort();
  }
}

static void post(void **unique_pointer, bool delayed, double seconds) {
  Task *task = malloc(sizeof *task);
  if (task == NULL) abort();
  *task = (Task){.task = *unique_pointer, .delayed = delayed};
  *unique_pointer = NULL; /* Moved from. */
  if (delayed) task->due = deadline_after(seconds * 1000);
  pthread_mutex_lock(&lock);
  Task **link = &first;
  while (*link != NULL) link = &(*link)->next;
  *link = task;
  if (!delayed) unfinished++;
  if (idle == 0 && workers < MOST_WORKERS) start_worker();
  bell++;
  futex_wake(&bell, 1);
  pthread_mutex_unlock(&lock);
}

static void post_task(void *platform, int priority, void **unique_pointer, const void *location) {
  (void)platform, (void)priority, (void)location;
  post(unique_pointer, false, 0);
}

static void post_delayed_task(void *platform, int priority, void **unique_pointer, double seconds,
                              const void *location) {
  (void)platform, (void)priority, (void)location;
  post(unique_pointer, true, seconds);
}

static bool all_done(void) {
  pthread_mutex_lock(&lock);
  const bool result = unfinished == 0;
  pthread_mutex_unlock(&lock);
  return result;
}

/* False: workers are at work yet. */
static bool wait_a_while(void) {
  const Deadline deadline = deadline_after(DRAIN_SLICE_MS);
  pthread_mutex_lock(&lock);
  while (unfinished > 0 && !deadline_passed(&deadline)) {
    const int32_t seen = done;
    pthread_mutex_unlock(&lock);
    futex_wait_until(&done, seen, &deadline);
    pthread_mutex_lock(&lock);
  }
  pthread_mutex_unlock(&lock);
  return all_done();
}

/*
 * What Node does here, flushing the tasks of the main thread, may post more to the workers. And workers may wait for it: a
 * compiler that finds no room in the heap asks for a collection, which is such a task, and sleeps until it is done.
 */
static void drain_tasks(void *platform, void *isolate) {
  do {
    while (!wait_a_while()) drain_before(platform, isolate);
    drain_before(platform, isolate);
  } while (!all_done());
}

static bool write_slot(void **slot, const void *function) {
  const uintptr_t page_size = (uintptr_t)getpagesize();
  char *page = (char *)((uintptr_t)slot & ~(page_size - 1));
  /* Part of RELRO. A slot is aligned, so it does not straddle pages. */
  if (mprotect(page, page_size, PROT_READ | PROT_WRITE) != 0) return false;
  memcpy(slot, &function, sizeof function);
  return mprotect(page, page_size, PROT_READ) == 0;
}

void tasks_take_over(const Platform *platform) {
  /* The lock was free: all workers slept. What they had not begun is run by new ones. */
  pthread_mutex_init(&lock, NULL);
  workers = idle = 0;
  if (drain_before != NULL) {
    if (first != NULL) {
      pthread_mutex_lock(&lock);
      start_worker();
      pthread_mutex_unlock(&lock);
    }
    return;
  }
  memcpy(&drain_before, platform->drain, sizeof drain_before);
  union {
    void (*post)(void *, int, void **, const void *);
    void (*post_delayed)(void *, int, void **, double, const void *);
    DrainTasks drain;
    const void *address;
  } a = {.post = post_task}, b = {.post_delayed = post_delayed_task}, c = {.drain = drain_tasks};
  if (!write_slot(platform->post, a.address) || !write_slot(platform->post_delayed, b.address) ||
      !write_slot(platform->drain, c.address)) {
    abort(); /* It would hang at the first garbage collection. */
  }
}
