/*
 * Condition variables whose waiters are gone.
 *
 * glibc 2.25 to 2.40: pthread_cond_signal, when it changes groups, waits until every waiter of the old group has left;
 * those of a forked child never will. So a condition variable on which threads slept at the fork is made new, keeping
 * the kind of its clock.
 *
 * All that is known of it is the word that a thread slept on, and a semaphore looks alike from outside. What is to be
 * a condition variable must count exactly as many waiters as there were sleepers, in two places that agree.
 *
 *   offset  0  __wseq            8 bytes
 *           8  __g1_start        8
 *          16  __g_refs[2]       waiters of each group, times 2
 *          24  __g_size[2]
 *          32  __g1_orig_size
 *          36  __wrefs           waiters, times 8; clock, and whether shared between processes, in the low bits
 *          40  __g_signals[2]    the words slept on
 */
#include <string.h>
#include <sys/uio.h>

#include "fork.h"
#include "system.h"

typedef struct Condition {
  uint64_t sequence;
  uint64_t start;
  uint32_t references[2];
  uint32_t size[2];
  uint32_t original_size;
  uint32_t waiters;
  uint32_t signals[2];
} Condition;

_Static_assert(sizeof(Condition) == 48, "as pthread_cond_t of glibc 2.25 to 2.40");

#define FLAGS 7U
#define DESTROYING 4U

/* Fails where a look of our own would crash: a semaphore may stand at the beginning of a page. */
static bool read_condition(uintptr_t address, Condition *out) {
  struct iovec here = {out, sizeof *out}, there = {(void *)address, sizeof *out};
  return syscall(SYS_process_vm_readv, getpid(), &here, 1UL, &there, 1UL, 0UL) == (long)sizeof *out;
}

static bool is_condition(const Condition *condition, uint32_t sleepers) {
  return condition->waiters >> 3 == sleepers && (condition->waiters & DESTROYING) == 0 &&
         (condition->references[0] >> 1) + (condition->references[1] >> 1) == sleepers;
}

static uintptr_t condition_of(uintptr_t word) { return word & 7 ? word - 44 : word - 40; }

void conditions_renew(const ThreadsAtRest *sleepers) {
  if (!libc_has_old_conditions()) return;
  for (size_t i = 0; i < sleepers->count; i++) {
    const uintptr_t word = sleepers->threads[i].sleeps_on;
    if (word == 0) continue;
    const uintptr_t address = condition_of(word);
    uint32_t count = 0;
    bool seen = false;
    for (size_t j = 0; j < sleepers->count; j++) {
      const uintptr_t other = sleepers->threads[j].sleeps_on;
      if (other == 0 || condition_of(other) != address) continue;
      seen = seen || j < i;
      count++;
    }
    Condition condition;
    if (seen || !read_condition(address, &condition) || !is_condition(&condition, count)) continue;
    const Condition fresh = {.waiters = condition.waiters & FLAGS};
    memcpy((void *)address, &fresh, sizeof fresh);
  }
}
