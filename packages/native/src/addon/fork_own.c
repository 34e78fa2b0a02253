/*
 * What this addon must not share with the parent:
 *
 *   poll handles      stopped, not inert: JavaScript may start them again on the same descriptor
 *   waits for words   forgotten, with the threads that slept for them
 *   leases            the word says what the *parent* still reads; lease.c asks for the generation
 *   watchdogs         the thread is the parent's, so is the socket; their stop functions ask for the generation
 */
#include "fork.h"
#include "futex_waiters.h"

unsigned fork_generation = 0;

void own_before_loop(Instance *instance) { poll_handles_mark(instance); }

void own_renew(Instance *instance) {
  fork_generation++;
  watchdogs_forget();
  poll_handles_stop(instance);
  if (instance->waiters != NULL) waiters_forget(instance->waiters);
}
