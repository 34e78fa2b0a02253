#include "futex_waiters.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "thread.h"

/* FUTEX_WAITV_MAX of the kernel is 128, and one is the control word. */
#define MOST_WORDS 127
/* 8128 words with futex_waitv. Without it a thread each: what a busy program may need, but not a flood. */
#define MOST_GROUPS 64
#define MOST_THREADS 512
/* How long a thread without work stays, in milliseconds, so that one wait after the other does not start one each. */
#define IDLE 2000
/* Without futex_waitv: after how long a thread looks whether its wait was cancelled. Nothing waits for that. */
#define SLICE 250

struct vector_entry { /* struct futex_waitv, which older headers do not have */
  uint64_t value;
  uint64_t address;
  uint32_t flags;
  uint32_t reserved;
};
#define VECTOR_SHARED 2U /* FUTEX_32 */
#define VECTOR_PRIVATE (2U | 128U)

typedef enum { PENDING, CANCELLED, SETTLED } WaitState;

typedef struct Wait {
  uint32_t id;
  WaitState state;
  FutexResult result;
  const int32_t *word;
  int32_t expected;
  bool referenced;
  Deadline deadline;
  struct Group *group; /* while pending */
  struct Wait *next;   /* among the settled */
} Wait;

typedef struct Group {
  FutexWaiters *waiters;
  struct Group *next;
  int32_t control; /* changed, under the lock, whenever the thread has to look */
  size_t capacity;
  size_t count;
  Wait *waits[MOST_WORDS]; /* appended by the JavaScript thread, removed by the native one */
} Group;

struct FutexWaiters {
  _Atomic size_t holds; /* the environment, and each thread */

  pthread_mutex_t lock; /* of what follows, and of the groups */
  bool ending;
  Group *groups;
  size_t group_count;
  Wait *settled_first;
  Wait *settled_last;

  /* Of the JavaScript thread only. */
  Instance *instance;
  void (*on_settled)(Instance *);
  uv_async_t async;
  bool has_waitv;
  size_t referenced;
  Wait **by_id;
  uint32_t id_capacity;
  uint32_t *free_ids;
  uint32_t free_count;
};

static void drop_waiters(FutexWaiters *waiters) {
  if (atomic_fetch_sub(&waiters->holds, 1) > 1) return;
  while (waiters->settled_first != NULL) {
    Wait *wait = waiters->settled_first;
    waiters->settled_first = wait->next;
    free(wait);
  }
  pthread_mutex_destroy(&waiters->lock);
  free(waiters->by_id);
  free(waiters->free_ids);
  free(waiters);
}

/* The native threads */

/* What a thread sleeps on, taken under the lock. */
typedef struct Sleep {
  struct vector_entry vector[1 + MOST_WORDS];
  size_t count; /* of words, without the control word */
  Deadline deadline;
} Sleep;

static void prepare_sleep(Group *group, Sleep *sleep) {
  sleep->vector[0] = (struct vector_entry){.value = (uint32_t)group->control,
                                           .address = (uintptr_t)&group->control,
                                           .flags = VECTOR_PRIVATE};
  sleep->count = group->count;
  sleep->deadline = group->count == 0 ? deadline_after(IDLE) : (Deadline){.kind = DEADLINE_NEVER};
  for (size_t i = 0; i < group->count; i++) {
    const Wait *wait = group->waits[i];
    sleep->vector[1 + i] = (struct vector_entry){
        .value = (uint32_t)wait->expected, .address = (uintptr_t)wait->word, .flags = VECTOR_SHARED};
    if (deadline_before(&wait->deadline, &sleep->deadline)) sleep->deadline = wait->deadline;
  }
}

static const int32_t *word_of(const struct vector_entry *entry) { return (const int32_t *)(uintptr_t)entry->address; }

/* The place in the vector of the last word that was woken, or -1 and errno. */
static long sleep_on_all(const Sleep *sleep) {
  struct timespec at = sleep->deadline.at;
  if (sleep->deadline.kind == DEADLINE_NOW) at = (struct timespec){0, 0};
  return syscall(SYS_futex_waitv, sleep->vector, 1 + sleep->count, 0,
                 sleep->deadline.kind == DEADLINE_NEVER ? NULL : &at, CLOCK_MONOTONIC);
}

static long sleep_on_one(const Sleep *sleep) {
  const size_t place = sleep->count; /* The only word, or the control word. */
  const struct vector_entry *entry = &sleep->vector[place];
  const Deadline slice = deadline_after(SLICE);
  const Deadline *until = place > 0 && deadline_before(&slice, &sleep->deadline) ? &slice : &sleep->deadline;
  const long woken = futex_wait_until(word_of(entry), (int32_t)entry->value, until);
  return woken == 0 ? (long)place : woken;
}

typedef enum { STILL_WAITING, MAYBE_WOKEN, DONE } Outcome;

/* Nothing that the words can explain, such as a lack of memory: do not try again at full speed. */
static void pause_after(long woken, int number) {
  if (woken < 0 && number != EAGAIN && number != EFAULT && number != ETIMEDOUT && number != EINTR) poll(NULL, 0, 10);
}

/* What became of each word: looked up without the lock, as it takes a system call each. */
static void judge(const Sleep *sleep, long woken, int number, Outcome *outcomes, FutexResult *results) {
  for (size_t i = 0; i < sleep->count; i++) {
    const long place = (long)i + 1;
    outcomes[i] = STILL_WAITING;
    if (place == woken) {
      outcomes[i] = DONE;
      results[i] = FUTEX_WOKEN;
      continue;
    }
    const bool doubtful = woken >= 0 ? place < woken : number != ETIMEDOUT && number != EINTR;
    if (!doubtful) continue;
    if (woken >= 0) outcomes[i] = MAYBE_WOKEN;
    if (futex_compare(word_of(&sleep->vector[place]), (int32_t)sleep->vector[place].value) >= 0) continue;
    outcomes[i] = DONE;
    results[i] = errno == EAGAIN ? FUTEX_CHANGED : FUTEX_FAULT;
  }
}

static void settle(FutexWaiters *waiters, Wait *wait, FutexResult result) {
  wait->state = SETTLED;
  wait->result = result;
  wait->next = NULL;
  if (waiters->settled_last != NULL) waiters->settled_last->next = wait;
  else waiters->settled_first = wait;
  waiters->settled_last = wait;
}

/* Under the lock. Takes what is done out of the group; the waits after `count` came while the thread slept. */
static void apply(Group *group, size_t count, const Outcome *outcomes, const FutexResult *results) {
  FutexWaiters *waiters = group->waiters;
  bool any_settled = false;
  size_t kept = 0;
  for (size_t i = 0; i < group->count; i++) {
    Wait *wait = group->waits[i];
    const Outcome outcome = i < count ? outcomes[i] : STILL_WAITING;
    if (wait->state == CANCELLED) {
      /* It may have taken a wake that somebody else needs. */
      if (outcome == MAYBE_WOKEN || (outcome == DONE && results[i] != FUTEX_FAULT)) futex_wake(wait->word, 1);
      free(wait);
    } else if (outcome == DONE) {
      settle(waiters, wait, results[i]);
      any_settled = true;
    } else if (deadline_passed(&wait->deadline)) {
      settle(waiters, wait, FUTEX_TIMED_OUT);
      any_settled = true;
    } else {
      group->waits[kept++] = wait;
    }
  }
  group->count = kept;
  if (any_settled && !waiters->ending) uv_async_send(&waiters->async);
}

static void unlink_group(Group *group) {
  Group **link = &group->waiters->groups;
  while (*link != group) link = &(*link)->next;
  *link = group->next;
  group->waiters->group_count--;
}

static void *run_group(void *data) {
  Group *group = data;
  FutexWaiters *waiters = group->waiters;
  thread_name("mp-futex");
  Sleep sleep;
  Outcome outcomes[MOST_WORDS];
  FutexResult results[MOST_WORDS];
  pthread_mutex_lock(&waiters->lock);
  for (;;) {
    prepare_sleep(group, &sleep);
    if (waiters->ending && group->count == 0) break;
    pthread_mutex_unlock(&waiters->lock);
    const long woken = group->capacity > 1 ? sleep_on_all(&sleep) : sleep_on_one(&sleep);
    const int number = errno;
    pause_after(woken, number);
    judge(&sleep, woken, number, outcomes, results);
    pthread_mutex_lock(&waiters->lock);
    apply(group, sleep.count, outcomes, results);
    const bool idle = sleep.count == 0 && woken < 0 && number == ETIMEDOUT;
    if (idle && group->count == 0) break;
  }
  unlink_group(group);
  pthread_mutex_unlock(&waiters->lock);
  free(group);
  drop_waiters(waiters);
  return NULL;
}

/* The JavaScript thread */

static bool kernel_has_waitv(void) {
  /* An empty list is EINVAL; a kernel or a sandbox without the call says ENOSYS or EPERM. */
  return syscall(SYS_futex_waitv, NULL, 0U, 0U, NULL, CLOCK_MONOTONIC) < 0 && errno == EINVAL;
}

static void on_async(uv_async_t *async) {
  FutexWaiters *waiters = async->data;
  waiters->on_settled(waiters->instance);
}

FutexWaiters *waiters_create(Instance *instance, void (*on_settled)(Instance *)) {
  FutexWaiters *waiters = calloc(1, sizeof *waiters);
  if (waiters == NULL) return NULL;
  waiters->instance = instance;
  waiters->on_settled = on_settled;
  atomic_store(&waiters->holds, 1);
  waiters->has_waitv = kernel_has_waitv();
  waiters->async.data = waiters;
  if (pthread_mutex_init(&waiters->lock, NULL) != 0) {
    free(waiters);
    return NULL;
  }
  if (uv_async_init(instance->loop, &waiters->async, on_async) != 0) {
    pthread_mutex_destroy(&waiters->lock);
    free(waiters);
    return NULL;
  }
  uv_unref((uv_handle_t *)&waiters->async);
  return waiters;
}

void waiters_without_waitv(FutexWaiters *waiters) { waiters->has_waitv = false; }

/* Makes room for one more id. */
static bool reserve_id(FutexWaiters *waiters) {
  if (waiters->free_count > 0) return true;
  const uint32_t before = waiters->id_capacity;
  const uint32_t capacity = before == 0 ? 16 : before * 2;
  Wait **by_id = realloc(waiters->by_id, capacity * sizeof *by_id);
  if (by_id == NULL) return false;
  waiters->by_id = by_id;
  uint32_t *free_ids = realloc(waiters->free_ids, capacity * sizeof *free_ids);
  if (free_ids == NULL) return false;
  waiters->free_ids = free_ids;
  waiters->id_capacity = capacity;
  for (uint32_t id = capacity; id-- > before;) {
    by_id[id] = NULL;
    free_ids[waiters->free_count++] = id;
  }
  return true;
}

static void release_id(FutexWaiters *waiters, const Wait *wait) {
  waiters->by_id[wait->id] = NULL;
  waiters->free_ids[waiters->free_count++] = wait->id;
  if (wait->referenced && --waiters->referenced == 0) uv_unref((uv_handle_t *)&waiters->async);
}

static size_t group_capacity(const FutexWaiters *waiters) { return waiters->has_waitv ? MOST_WORDS : 1; }

/* Under the lock. Full groups are found again and again, but only new waits pay for it. */
static Group *group_with_room(FutexWaiters *waiters) {
  const size_t capacity = group_capacity(waiters);
  Group *group = waiters->groups;
  while (group != NULL && (group->count == group->capacity || group->capacity != capacity)) group = group->next;
  return group;
}

static void join_group(Group *group, Wait *wait) {
  wait->group = group;
  group->waits[group->count++] = wait;
}

static void rouse(Group *group) {
  group->control++;
  syscall(SYS_futex, &group->control, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, NULL, NULL, 0);
  /* Without futex_waitv an idle thread sleeps on the control word as if it were shared. */
  if (group->capacity == 1) futex_wake(&group->control, 1);
}

/* Under the lock. */
static int start_group(FutexWaiters *waiters, Wait *wait) {
  const size_t most = waiters->has_waitv ? MOST_GROUPS : MOST_THREADS;
  if (waiters->group_count >= most) return EAGAIN;
  Group *group = calloc(1, sizeof *group);
  if (group == NULL) return ENOMEM;
  group->waiters = waiters;
  group->capacity = group_capacity(waiters);
  join_group(group, wait);
  atomic_fetch_add(&waiters->holds, 1);
  const int number = thread_start(run_group, group);
  if (number != 0) {
    atomic_fetch_sub(&waiters->holds, 1);
    free(group);
    return number;
  }
  group->next = waiters->groups;
  waiters->groups = group;
  waiters->group_count++;
  return 0;
}

int waiters_add(FutexWaiters *waiters, const int32_t *word, int32_t expected, Deadline deadline, bool referenced,
                uint32_t *id) {
  Wait *wait = malloc(sizeof *wait);
  if (wait == NULL || !reserve_id(waiters)) {
    free(wait);
    return ENOMEM;
  }
  *wait = (Wait){.word = word, .expected = expected, .deadline = deadline, .referenced = referenced};
  wait->id = *id = waiters->free_ids[waiters->free_count - 1];

  int number = 0;
  pthread_mutex_lock(&waiters->lock);
  Group *group = group_with_room(waiters);
  if (group != NULL) {
    join_group(group, wait);
    rouse(group);
  } else {
    number = start_group(waiters, wait);
  }
  pthread_mutex_unlock(&waiters->lock);
  if (number != 0) {
    free(wait);
    return number;
  }
  /* Settled or not: only this thread takes it out of here. */
  waiters->free_count--;
  waiters->by_id[wait->id] = wait;
  if (referenced && waiters->referenced++ == 0) uv_ref((uv_handle_t *)&waiters->async);
  return 0;
}

bool waiters_cancel(FutexWaiters *waiters, uint32_t id) {
  Wait *wait = id < waiters->id_capacity ? waiters->by_id[id] : NULL;
  if (wait == NULL) return false;
  pthread_mutex_lock(&waiters->lock);
  const bool pending = wait->state == PENDING;
  if (pending) {
    release_id(waiters, wait); /* The thread frees the wait, as soon as the lock is open. */
    wait->state = CANCELLED;
    rouse(wait->group);
  }
  pthread_mutex_unlock(&waiters->lock);
  return pending;
}

bool waiters_take(FutexWaiters *waiters, Settled *out) {
  pthread_mutex_lock(&waiters->lock);
  Wait *wait = waiters->settled_first;
  if (wait != NULL) {
    waiters->settled_first = wait->next;
    if (wait->next == NULL) waiters->settled_last = NULL;
  }
  pthread_mutex_unlock(&waiters->lock);
  if (wait == NULL) return false;
  *out = (Settled){.id = wait->id, .result = wait->result};
  release_id(waiters, wait);
  free(wait);
  return true;
}

void waiters_forget(FutexWaiters *waiters) {
  pthread_mutex_init(&waiters->lock, NULL);
  while (waiters->groups != NULL) {
    Group *group = waiters->groups;
    waiters->groups = group->next;
    for (size_t i = 0; i < group->count; i++) free(group->waits[i]);
    free(group);
  }
  while (waiters->settled_first != NULL) {
    Wait *wait = waiters->settled_first;
    waiters->settled_first = wait->next;
    free(wait);
  }
  waiters->settled_last = NULL;
  waiters->group_count = 0;
  atomic_store(&waiters->holds, 1);
  waiters->free_count = 0;
  for (uint32_t id = waiters->id_capacity; id-- > 0;) {
    waiters->by_id[id] = NULL;
    waiters->free_ids[waiters->free_count++] = id;
  }
  if (waiters->referenced > 0) uv_unref((uv_handle_t *)&waiters->async);
  waiters->referenced = 0;
}

static void on_async_closed(uv_handle_t *closed) {
  FutexWaiters *waiters = closed->data;
  Instance *instance = waiters->instance;
  drop_waiters(waiters);
  instance_handle_closed(instance);
}

void waiters_end(FutexWaiters *waiters) {
  pthread_mutex_lock(&waiters->lock);
  waiters->ending = true;
  for (Group *group = waiters->groups; group != NULL; group = group->next) {
    for (size_t i = 0; i < group->count; i++) group->waits[i]->state = CANCELLED;
    rouse(group);
  }
  pthread_mutex_unlock(&waiters->lock);
  waiters->instance->closing++;
  uv_close((uv_handle_t *)&waiters->async, on_async_closed);
}
