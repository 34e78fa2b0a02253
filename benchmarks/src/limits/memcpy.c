/*
 * What an echo of some bytes costs that is nothing but one copy there and one copy back, between pages that are there.
 *
 *     memcpy ECHOES BYTES
 */
#include "protocol.h"

static char *here;
static char *there;
static size_t size;

static void echo(long echoes) {
  for (long i = 0; i < echoes; i++) {
    memcpy(there, here, size);
    /* The compiler is not to know what is read, or it might not copy at all. */
    __asm__ volatile("" : : "r"(there), "r"(here) : "memory");
    memcpy(here, there, size);
    __asm__ volatile("" : : "r"(there), "r"(here) : "memory");
  }
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  size = (size_t)atol(argv[2]);
  here = malloc(size);
  there = malloc(size);
  if (here == NULL || there == NULL) fail("malloc");
  memset(here, 1, size);
  memset(there, 2, size);
  serve(atol(argv[1]), echo);
  return 0;
}
