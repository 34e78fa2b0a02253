/*
 * V8 marks its heap, and more, MADV_DONTFORK, so that children which only call exec(2) are made quickly. Taken back for
 * whatever is private; what is shared is inherited anyway, and the few shared mappings that are marked (rings of
 * io_uring) belong to the kernel.
 *
 * The parent keeps the marks off: its next fork is this one again, and child_process uses a vfork(2), which copies no
 * page tables. V8 marks new memory by itself.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "fork.h"
#include "system.h"

/* One line of /proc/self/maps: "start-end rwxp …". Returns whether it is a private mapping. */
static bool parse_line(const char *line, uintptr_t *start, uintptr_t *end) {
  uintptr_t *number = start;
  *start = *end = 0;
  for (; *line != ' ' && *line != 0; line++) {
    if (*line == '-') number = end;
    else *number = *number * 16 + (uintptr_t)(*line <= '9' ? *line - '0' : *line - 'a' + 10);
  }
  return *line == ' ' && line[1] != 0 && line[2] != 0 && line[3] != 0 && line[4] == 'p';
}

/* Neighbours are taken together: a process has thousands of mappings, and most of them touch each other. */
typedef struct Run {
  uintptr_t start, end;
} Run;

static void inherit(const Run *run) {
  /* EINVAL: pages of the kernel, such as its clock, which are inherited without us. */
  if (run->end > run->start) madvise((void *)run->start, run->end - run->start, MADV_DOFORK);
}

int memory_inherit(void) {
  int fd;
  do {
    fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  } while (fd < 0 && errno == EINTR);
  if (fd < 0) return errno;
  enum { CAPACITY = 1 << 16 };
  char *text = malloc(CAPACITY + 1);
  if (text == NULL) {
    close(fd);
    return ENOMEM;
  }
  int failure = 0;
  Run run = {0, 0};
  for (size_t kept = 0;;) {
    const ssize_t got = read(fd, text + kept, CAPACITY - kept);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      failure = got < 0 ? errno : 0;
      break;
    }
    char *line = text;
    char *const all = text + kept + got;
    *all = 0;
    for (char *newline; (newline = memchr(line, '\n', (size_t)(all - line))) != NULL; line = newline + 1) {
      uintptr_t start, end;
      if (!parse_line(line, &start, &end)) continue;
      if (start == run.end) {
        run.end = end;
        continue;
      }
      inherit(&run);
      run = (Run){start, end};
    }
    kept = (size_t)(all - line);
    memmove(text, line, kept);
  }
  inherit(&run);
  free(text);
  close(fd);
  return failure;
}
