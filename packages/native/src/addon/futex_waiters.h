/*
 * Waits for words by native threads, on behalf of promises: of one environment.
 *
 *   JavaScript thread                                        "mp-futex" threads, one for each group
 *   ─────────────────                                        ───────────────────────────────────────────────
 *   waiters_add     puts a Wait into a group that has        futex_waitv(control word, word, word, …)
 *                   room, or starts one; control++, wake ──► EAGAIN or woken: the list is made anew
 *   waiters_cancel  marks it;           control++, wake ──►  cancelled ones are dropped
 *   on_settled      ◄────────────────── uv_async_send ─────  a word was woken, had changed, or its time is over
 *   waiters_take    one settled wait after the other
 *   waiters_end     the environment ends: nobody is waited for. Threads go by themselves; the last frees.
 *
 * The threads never touch the words, only the kernel does: the memory may be unmapped while they sleep.
 *
 * futex_waitv(2) came with Linux 5.16. Without it a group has room for one word, and its thread sleeps on that alone,
 * waking now and then to see whether it is still wanted.
 *
 * Which wakes can be lost? futex_waitv names the last word of the list that was woken. Words before it may have been
 * woken in the same moment; those are settled if their value has changed, so a wake can only go unnoticed where the
 * word was not changed, or was changed back. (The control word is first, so that it casts no such doubt.) Where a
 * cancelled wait may have consumed a wake, the wake is passed on to somebody else, and may turn out to be spurious.
 */
#ifndef MP_FUTEX_WAITERS_H
#define MP_FUTEX_WAITERS_H

#include "deadline.h"
#include "futex_call.h"

typedef struct FutexWaiters FutexWaiters;

typedef struct Settled {
  uint32_t id;
  FutexResult result;
} Settled;

/* `on_settled` is called on the thread of the loop. NULL without memory. */
FutexWaiters *waiters_create(Instance *instance, void (*on_settled)(Instance *));

/* 0 and an id, or an error number: EAGAIN when there are too many waits. `referenced`: the loop stays alive for it. */
int waiters_add(FutexWaiters *waiters, const int32_t *word, int32_t expected, Deadline deadline, bool referenced,
                uint32_t *id);

/* False: it is settled already (or no such wait), and waiters_take will tell, or has told. */
bool waiters_cancel(FutexWaiters *waiters, uint32_t id);

bool waiters_take(FutexWaiters *waiters, Settled *out);

/* With `instance->closing` counted for its uv handle. */
void waiters_end(FutexWaiters *waiters);

/* In a forked child, whose threads are gone: every wait is forgotten, none is settled, no word is touched. */
void waiters_forget(FutexWaiters *waiters);

/* For tests: as if the kernel had no futex_waitv. */
void waiters_without_waitv(FutexWaiters *waiters);

#endif
