/* The futex system calls. All without FUTEX_PRIVATE_FLAG: the other side may be another process. */
#ifndef MP_FUTEX_CALL_H
#define MP_FUTEX_CALL_H

#include <linux/futex.h>
#include <time.h>

#include "deadline.h"
#include "system.h"

typedef enum { FUTEX_WOKEN, FUTEX_CHANGED, FUTEX_TIMED_OUT, FUTEX_FAULT } FutexResult;

/* Does not retry on EINTR; a deadline is a point of CLOCK_MONOTONIC already, so the caller simply calls again. */
static inline long futex_wait_until(const int32_t *word, int32_t expected, const Deadline *deadline) {
  static const struct timespec past = {0, 0};
  const struct timespec *at = deadline->kind == DEADLINE_NEVER ? NULL : deadline->kind == DEADLINE_NOW ? &past : &deadline->at;
  return syscall(SYS_futex, word, FUTEX_WAIT_BITSET, expected, at, NULL, FUTEX_BITSET_MATCH_ANY);
}

static inline long futex_wake(const int32_t *word, int count) {
  return syscall(SYS_futex, word, FUTEX_WAKE, count, NULL, NULL, 0);
}

/*
 * Whether the word still has the value, asked of the kernel: 0 yes, -1 with EAGAIN no, or EFAULT where a look of our
 * own would crash, as the memory may have been unmapped or truncated by now. (It "requeues" no waiter to nowhere.)
 */
static inline long futex_compare(const int32_t *word, int32_t expected) {
  return syscall(SYS_futex, word, FUTEX_CMP_REQUEUE, 0, 0L, word, expected);
}

#endif
