/*
 * System calls that C libraries name differently, or not at all. One binary has to run with every glibc that Node
 * supports and with musl, so whatever is younger than glibc 2.17, or has several versions, is called directly.
 */
#ifndef MP_SYSTEM_H
#define MP_SYSTEM_H

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif

/* On x86-64 and arm64, the only ones that we build for, `struct stat` is the kernel's own in both libraries. */
static inline int descriptor_status(int fd, struct stat *status) { return (int)syscall(SYS_fstat, fd, status); }

/* musl copies the control part into a buffer that has no room for 253 descriptors. */
static inline ssize_t send_message(int fd, const struct msghdr *message, int flags) {
  return syscall(SYS_sendmsg, fd, message, flags);
}

static inline ssize_t receive_message(int fd, struct msghdr *message, int flags) {
  return syscall(SYS_recvmsg, fd, message, flags);
}

/* Close-on-exec, and never one of the three standard descriptors. */
static inline int descriptor_copy(int fd) { return fcntl(fd, F_DUPFD_CLOEXEC, 3); }

#endif
