#include "thread.h"

#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>

/* Ours need a few KiB; the rest is for the thread-local data of the libraries that Node is linked with. */
#define STACK_SIZE (256 * 1024)

int thread_start(void *(*run)(void *), void *data) { return thread_start_large(run, data, STACK_SIZE); }

int thread_start_large(void *(*run)(void *), void *data, size_t stack) {
  pthread_attr_t attributes;
  int number = pthread_attr_init(&attributes);
  if (number != 0) return number;
  pthread_attr_setstacksize(&attributes, stack);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  /* Inherited from its creator, so that no signal can hit the thread in its first moments. */
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  number = pthread_create(&thread, &attributes, run, data);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attributes);
  return number;
}

void thread_name(const char *name) { prctl(PR_SET_NAME, name, 0L, 0L, 0L); }
