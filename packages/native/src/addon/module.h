/*
 * What the files of the addon share.
 *
 *   JavaScript thread of one environment (main thread or worker)      native threads of the process
 *   ─────────────────────────────────────────────────────────────     ──────────────────────────────────────────
 *   module.c        the table of functions, one Instance for each     futex_waiters.c   "mp-futex": sleep on words
 *                   environment, and its end                                            for the promises of one
 *   descriptor.c memory.c doorbell.c socket.c poll.c process.c                          environment
 *   stream.c futex.c  one system call each                            watchdog.c        "mp-watchdog": ends the process
 *   mapping.c region.c lease.c  mmap, the ArrayBuffers over it,                         with its parent
 *                   and a word that says when they are gone
 *   poll_handle.c   uv_poll_t on the loop of this thread
 *   futex_promises.c  promises for futex_waiters.c
 *
 *   arguments.c     JavaScript value → C value, or TypeError / RangeError with the name of the argument
 *   failure.c       errno → Error with code, errno, syscall, and whom it concerns
 *   deadline.c      milliseconds → a point of the monotonic clock
 *   thread.c        a native thread that is never hit by a signal
 *
 *   fork*.c         fork(2) of the whole process; fork.h says what that breaks, and how it is mended
 *
 * Several environments use the addon at once (worker threads), so nothing here is a mutable global, except where a
 * thing belongs to the process. The library is never unloaded (-z nodelete): a native thread may outlive the worker
 * that loaded it.
 *
 * Functions are called from JavaScript with everything positional; the TypeScript side unpacks options. Yet each of
 * them checks every argument: a wrong call throws, it never crashes.
 */
#ifndef MP_MODULE_H
#define MP_MODULE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <node_api.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct uv_loop_s;
struct Region;
struct Regions;
struct PollHandle;
struct FutexWaiters;

/* Everything that one environment owns. */
typedef struct Instance {
  napi_env env;
  struct uv_loop_s *loop;
  struct Regions *regions;           /* region.c: what is mapped, by address */
  napi_ref lease_class;              /* lease.c */
  struct Region *leased_region;      /* lease.c: for the Lease that is being constructed */
  struct PollHandle *poll_handles;   /* poll_handle.c: those that are open, in a list */
  struct FutexWaiters *waiters;      /* futex_waiters.c: NULL before the first wait */
  napi_ref on_settled;               /* futex_promises.c: whom they call */
  napi_async_cleanup_hook_handle teardown;
  size_t closing;                    /* uv handles whose close callback has not run yet */
  bool ending;
} Instance;

Instance *instance_of(napi_env env);

/* To be called by the close callback of each uv handle that was counted in `closing`. */
void instance_handle_closed(Instance *instance);

/* The functions that a file adds to the addon; the list ends with a NULL name. */
typedef struct Function {
  const char *name;
  napi_callback call;
} Function;

extern const Function descriptor_functions[];
extern const Function memory_functions[];
extern const Function mapping_functions[];
extern const Function doorbell_functions[];
extern const Function socket_functions[];
extern const Function stream_functions[];
extern const Function poll_functions[];
extern const Function futex_functions[];
extern const Function futex_promise_functions[];
extern const Function process_functions[];
extern const Function watchdog_functions[];
extern const Function fork_functions[];

/* One method of a class. */
#define METHOD(name, call) {name, NULL, call, NULL, NULL, NULL, napi_default_method, NULL}

/* The classes, and the ends of what they hold when the environment ends. */
bool mapping_define(napi_env env, napi_value exports, Instance *instance);
void mapping_forget(Instance *instance);
bool poll_handle_define(napi_env env, napi_value exports);
void poll_handles_close(Instance *instance);
/* In a forked child, around loop_renew: it knows them by their data, and leaves their descriptors as they are. */
extern const char poll_handle_mark;
void poll_handles_mark(Instance *instance);
void poll_handles_stop(Instance *instance);
/* In a forked child: they are the parent's, until they are started again. */
void poll_handles_stop(Instance *instance);
void futex_promises_end(Instance *instance);

/* In a forked child: their threads are the parent's. */
void watchdogs_forget(void);

#endif
