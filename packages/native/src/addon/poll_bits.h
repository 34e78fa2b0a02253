/* What a descriptor is watched for: READABLE, WRITABLE, HANGUP, the same bits as those of uv_poll_event. */
#ifndef MP_POLL_BITS_H
#define MP_POLL_BITS_H

#include <poll.h>

enum { READABLE = 1, WRITABLE = 2, HANGUP = 4, ALL_BITS = 7 };

static inline short poll_events_of(int bits) {
  return (short)((bits & READABLE ? POLLIN : 0) | (bits & WRITABLE ? POLLOUT : 0) | (bits & HANGUP ? POLLRDHUP : 0));
}

/* HANGUP comes unasked: without it a wait for anything else would end and show nothing. */
static inline int bits_of_poll_events(short events) {
  return (events & POLLIN ? READABLE : 0) | (events & POLLOUT ? WRITABLE : 0) |
         (events & (POLLRDHUP | POLLHUP | POLLERR) ? HANGUP : 0);
}

#endif
