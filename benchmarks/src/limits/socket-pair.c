/*
 * What a round trip between two processes costs that sleep in the kernel: 64 bytes to and fro over a socket pair.
 *
 *     socket-pair ROUND-TRIPS
 */
#include "protocol.h"
#include <sys/prctl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BYTES = 64 };

static int ends[2];

static void ping(long round_trips) {
  char bytes[BYTES] = {0};
  for (long i = 0; i < round_trips; i++) {
    if (write(ends[0], bytes, BYTES) != BYTES) fail("write");
    if (read(ends[0], bytes, BYTES) != BYTES) fail("read");
  }
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) fail("socketpair");
  const pid_t child = fork();
  if (child < 0) fail("fork");
  if (child == 0) {
    char bytes[BYTES];
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(ends[0]);
    while (read(ends[1], bytes, BYTES) == BYTES) {
      if (write(ends[1], bytes, BYTES) != BYTES) break;
    }
    _exit(0);
  }
  close(ends[1]);
  serve(atol(argv[1]), ping);
  return 0;
}
