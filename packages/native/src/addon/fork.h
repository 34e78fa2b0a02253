/*
 * A true fork(2) of a running Node.
 *
 * POSIX promises a forked child of a process with several threads nothing but async-signal-safe functions. Node has a
 * dozen threads, and its child is to run JavaScript for hours. So each thing that the kernel does not copy, or copies
 * though it should not, has a cure here:
 *
 *   what breaks                                   cause                                     cure
 *   ───────────────────────────────────────────   ───────────────────────────────────────   ─────────────────────────
 *   The child has no heap.                        V8 marks its heap MADV_DONTFORK.          fork_memory.c: DOFORK on
 *                                                                                           every private mapping.
 *   Locks are held for ever, data is half         A thread that is at work at the moment    fork_threads.c: fork only
 *   written: malloc, V8, the thread pool.         of the fork does not exist in the child.  while every other thread
 *                                                                                           sleeps where it holds
 *                                                                                           nothing, and *prove* that
 *                                                                                           none ran meanwhile.
 *   pthread_cond_signal never returns             It waits for waiters that are gone.       fork_conditions.c: made
 *   (glibc before 2.41).                                                                    new, after a check of the
 *                                                                                           count of waiters.
 *   What V8 posts to its workers is never done:   The workers are gone.                     fork_tasks.c: threads of
 *   no optimised code, no concurrent marking.                                               our own, started by the
 *                                                                                           first task; three slots of
 *                                                                                           NodePlatform's vtable.
 *   The event loop shares its epoll instance,     They are descriptors.                     fork_loop.c: uv_loop_fork.
 *   wake-ups and signals with its parent's.
 *   The child answers the parent's connections,   The loop's handles are copied.            fork_loop.c: handles of the
 *   reads its terminal, shuts its sockets down.                                             parent are inert.
 *   Callbacks of requests in the thread pool      Results lie in queues of the loop.        fork_loop.c: these queues
 *   run in both processes.                                                                  are emptied.
 *   Timers, immediates, listeners of the parent.  They are JavaScript.                      src/fork/ (TypeScript).
 *   Waits for futexes are never answered, leases  Our own threads, and words that are       fork_own.c
 *   are given back twice, the wrong watchdog is   shared with the parent.
 *   called off.
 *   The exit hangs, or runs destructors of the    Node joins threads that are gone.         src/fork/exit.ts: _exit(2).
 *   parent's world.
 *   An orphan.                                    The parent was killed.                    PR_SET_PDEATHSIG, first of
 *                                                                                           all; process/ adds a
 *                                                                                           watchdog.
 *
 * The order of events:
 *
 *   parent                                             child
 *   ────────────────────────────────────────────────   ─────────────────────────────────────────────────────────────
 *   blocks all signals: a handler of libuv in the
 *   child would write into the parent's pipe
 *   DOFORK; looks at all threads until all sleep,
 *   and notes how often each has run
 *   fork() ─────────────────────────────────────────▶  PDEATHSIG; sleeps on a word that both share
 *   looks again: has any of them run since?
 *   no:  «go» ──────────────────────────────────────▶  conditions, tasks, loop, our own; unblocks signals; returns 0
 *   yes: «stop», reaps the child, and tries again ──▶  _exit
 *
 * That nobody ran is proved and not hoped for: /proc/self/task/<tid>/schedstat counts how often a thread was given a
 * processor. If it was seen asleep after the count was read, and the count is the same after the fork, it slept while
 * the kernel copied the memory.
 *
 * Where is the proof incomplete? A library other than Node may keep threads of its own; when they sleep, the fork is
 * allowed, and they are missing in the child: the library has to cope with that (pthread_atfork). Worker threads of
 * Node are refused: they sleep in an event loop of their own, or are counted by src/fork/obstacles.ts.
 *
 * Refused, and not tried: no glibc (musl's condition variables sleep as its locks do, so that rest cannot be told from
 * waiting), no x86-64 (nothing of this has been run there), no symbols of the platform, no NodePlatform, no schedstat.
 * The vtable and v8::Task are the Itanium C++ ABI: a std::unique_ptr<Task> travels as a pointer to it, and Task's
 * vtable is destructor, deleting destructor, Run. Names and slots are the same in Node 22, 24 and 26.
 */
#ifndef MP_FORK_H
#define MP_FORK_H

#include <stddef.h>
#include <sys/types.h>

#include "module.h"

/* fork_platform.c */

/* The slots of NodePlatform's vtable that post work to V8's workers, or wait for it; or why they were not found. */
typedef struct Platform {
  void **post;
  void **post_delayed;
  void **drain;
} Platform;

/* NULL, or why this process cannot be forked at all. Found out once. */
const char *platform_find(Platform *out);
/* Before 2.41, whose condition variables do not need their waiters to be alive. */
bool libc_has_old_conditions(void);

/* fork_memory.c */

/* Lets the child have all private mappings. 0, or an error number. */
int memory_inherit(void);

/* fork_threads.c */

#define MOST_THREADS_AT_FORK 512
#define THREAD_NAME 16

typedef struct ThreadAtRest {
  pid_t id;
  char runs[64];       /* schedstat */
  uintptr_t sleeps_on; /* the word of a futex, or 0 */
} ThreadAtRest;

typedef struct ThreadsAtRest {
  size_t count;
  ThreadAtRest threads[MOST_THREADS_AT_FORK];
} ThreadsAtRest;

#define AT_WORK (-1)
/* 0: every thread but this one sleeps where it holds nothing. AT_WORK: `why` says who does what. Or an error number. */
int threads_rest(ThreadsAtRest *found, char *why, size_t capacity);
/* Whether none of them has run since. */
bool threads_rested(const ThreadsAtRest *found);

/* fork_conditions.c: in the child. */
void conditions_renew(const ThreadsAtRest *sleepers);

/* fork_tasks.c: in the child, and in its children. */
void tasks_take_over(const Platform *platform);

/* fork_loop.c */

/* What stands in for the descriptors of the parent's handles: a pipe that nobody writes to. */
typedef struct InertPipe {
  int ends[2];
} InertPipe;

/* Before the fork, so that the child needs none when they are scarce. 0, or an error number. */
int loop_prepare(InertPipe *pipe);
/* In the parent. */
void loop_finish(const InertPipe *pipe);
/* Whether a terminal, or what the standard descriptors are, has yet to take output, which both processes would print. */
bool loop_is_printing(struct uv_loop_s *loop);
/* Whether something keeps the loop alive, seen from within an immediate; other immediates are not looked for. */
bool loop_is_busy(struct uv_loop_s *loop);
/* In the child. NULL, or what failed, with `number`. */
const char *loop_renew(struct uv_loop_s *loop, const InertPipe *pipe, int *number);

/* fork_own.c: in the child. What the other files of the addon must not share with the parent. */
void own_before_loop(Instance *instance);
void own_renew(Instance *instance);

/* How many forks lie between this process and the one that loaded the addon. */
extern unsigned fork_generation;

#endif
