/* The program's side of what is said between it and the harness; child-run.ts is the same for Node. */
#ifndef PROTOCOL_H
#define PROTOCOL_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

/* `work` does so many operations. Returns at the end of file. */
static void serve(long operations, void (*work)(long operations)) {
  char command[16];
  printf("{\"ready\":true}\n");
  fflush(stdout);
  while (fgets(command, sizeof command, stdin) != NULL) {
    const double started = now();
    work(operations);
    const double seconds = now() - started;
    if (strcmp(command, "round\n") == 0) {
      printf("{\"report\":{\"seconds\":%.9f,\"operations\":%ld}}\n", seconds, operations);
    } else {
      printf("{\"ready\":true}\n");
    }
    fflush(stdout);
  }
}

#endif
