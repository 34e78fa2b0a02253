/*
 * What a round trip between two processes costs that wake each other by a word in shared memory, and sleep in the kernel.
 * Who spins instead of sleeping can be quicker than this.
 *
 *     futex ROUND-TRIPS
 */
#include "protocol.h"
#include <errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Each in a cache line of its own. */
struct shared {
  _Alignas(64) atomic_int ping;
  _Alignas(64) atomic_int pong;
};

static struct shared *words;
static int turn;

static void wait_for(atomic_int *word, int value) {
  for (;;) {
    const int seen = atomic_load(word);
    if (seen == value) return;
    if (syscall(SYS_futex, word, FUTEX_WAIT, seen, NULL, NULL, 0) != 0 && errno != EAGAIN && errno != EINTR) fail("futex");
  }
}

static void wake(atomic_int *word, int value) {
  atomic_store(word, value);
  if (syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0) < 0) fail("futex");
}

static void ping(long round_trips) {
  for (long i = 0; i < round_trips; i++) {
    turn++;
    wake(&words->ping, turn);
    wait_for(&words->pong, turn);
  }
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  words = mmap(NULL, sizeof *words, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (words == MAP_FAILED) fail("mmap");
  const pid_t child = fork();
  if (child < 0) fail("fork");
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (int next = 1;; next++) {
      wait_for(&words->ping, next);
      wake(&words->pong, next);
    }
  }
  serve(atol(argv[1]), ping);
  kill(child, SIGKILL);
  return 0;
}
