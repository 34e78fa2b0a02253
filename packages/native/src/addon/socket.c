/* Socket pairs of unix packets. One packet is a tag of eight bytes, and descriptors that come with it. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "arguments.h"
#include "failure.h"
#include "system.h"

/* SCM_MAX_FD of the kernel. */
#define MOST_DESCRIPTORS 253
/* The largest integer that a number of JavaScript's holds exactly. */
#define LARGEST_TAG ((INT64_C(1) << 53) - 1)

static napi_value socket_pair(napi_env env, napi_callback_info info) {
  (void)info;
  int fds[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) != 0) {
    return fail(env, errno, "socketpair");
  }
  napi_value pair;
  CHECK(env, napi_create_array_with_length(env, 2, &pair));
  for (uint32_t i = 0; i < 2; i++) {
    napi_value fd;
    CHECK(env, napi_create_int32(env, fds[i], &fd));
    CHECK(env, napi_set_element(env, pair, i, fd));
  }
  return pair;
}

typedef union Control {
  char bytes[CMSG_SPACE(MOST_DESCRIPTORS * sizeof(int))];
  struct cmsghdr aligned;
} Control;

static bool take_descriptors(napi_env env, napi_value array, int *fds, uint32_t *count) {
  bool is_array;
  CHECK_OR(env, napi_is_array(env, array, &is_array), false);
  if (!is_array) {
    refuse_type(env, array, "descriptors", "an array of descriptors");
    return false;
  }
  CHECK_OR(env, napi_get_array_length(env, array, count), false);
  if (*count > MOST_DESCRIPTORS) {
    refuse_range(env, "descriptors.length", "<= 253", *count);
    return false;
  }
  for (uint32_t i = 0; i < *count; i++) {
    napi_value element;
    CHECK_OR(env, napi_get_element(env, array, i, &element), false);
    if (!take_descriptor(env, element, "descriptors[]", &fds[i])) return false;
  }
  return true;
}

static napi_value send_descriptors(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 3);
  int socket;
  int64_t tag;
  int fds[MOST_DESCRIPTORS];
  uint32_t count;
  if (!take_descriptor(env, argv[0], "socket", &socket)) return NULL;
  if (!take_integer(env, argv[1], "tag", 0, LARGEST_TAG, &tag)) return NULL;
  if (!take_descriptors(env, argv[2], fds, &count)) return NULL;

  struct iovec part = {.iov_base = &tag, .iov_len = sizeof tag};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  Control control;
  if (count > 0) {
    const size_t size = count * sizeof(int);
    memset(&control, 0, CMSG_SPACE(size));
    message.msg_control = control.bytes;
    message.msg_controllen = CMSG_SPACE(size);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(size);
    memcpy(CMSG_DATA(header), fds, size);
  }
  ssize_t sent;
  do {
    sent = send_message(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  } while (sent < 0 && errno == EINTR);
  /* ETOOMANYREFS: too many descriptors are on their way, of all the sockets of this user; the peer has to read some. */
  if (sent < 0 && errno != EAGAIN && errno != ETOOMANYREFS) return fail_descriptor(env, errno, "sendmsg", socket);
  napi_value result;
  CHECK(env, napi_get_boolean(env, sent >= 0, &result));
  return result;
}

typedef struct Received {
  int fds[MOST_DESCRIPTORS];
  size_t count;
} Received;

static void collect_descriptors(struct msghdr *message, Received *received) {
  received->count = 0;
  for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header != NULL; header = CMSG_NXTHDR(message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    if (count > MOST_DESCRIPTORS - received->count) count = MOST_DESCRIPTORS - received->count;
    memcpy(received->fds + received->count, CMSG_DATA(header), count * sizeof(int));
    received->count += count;
  }
}

static void close_all(const Received *received) {
  for (size_t i = 0; i < received->count; i++) close(received->fds[i]);
}

static napi_value packet_object(napi_env env, int64_t tag, const Received *received) {
  napi_value packet, descriptors, value;
  if (napi_create_object(env, &packet) != napi_ok) return NULL;
  if (napi_create_int64(env, tag, &value) != napi_ok) return NULL;
  if (napi_set_named_property(env, packet, "tag", value) != napi_ok) return NULL;
  if (napi_create_array_with_length(env, received->count, &descriptors) != napi_ok) return NULL;
  for (size_t i = 0; i < received->count; i++) {
    if (napi_create_int32(env, received->fds[i], &value) != napi_ok) return NULL;
    if (napi_set_element(env, descriptors, (uint32_t)i, value) != napi_ok) return NULL;
  }
  if (napi_set_named_property(env, packet, "descriptors", descriptors) != napi_ok) return NULL;
  return packet;
}

static napi_value text(napi_env env, const char *characters) {
  napi_value result;
  CHECK(env, napi_create_string_utf8(env, characters, NAPI_AUTO_LENGTH, &result));
  return result;
}

static ssize_t next_packet(int socket, const struct msghdr *form, struct msghdr *message, int flags) {
  ssize_t got;
  /* A peer that died with unread packets makes ECONNRESET come once, before what it had sent to us. */
  int resets = 0;
  do {
    *message = *form;
    got = receive_message(socket, message, MSG_DONTWAIT | flags);
  } while (got < 0 && (errno == EINTR || (errno == ECONNRESET && resets++ == 0)));
  return got;
}

static napi_value no_packet(napi_env env, int socket) {
  if (errno == EAGAIN) return text(env, "empty");
  if (errno == ECONNRESET) return text(env, "closed");
  return fail_descriptor(env, errno, "recvmsg", socket);
}

/* Without room for descriptors, so that none is made here. */
static napi_value peek_tag(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 1);
  int socket;
  if (!take_descriptor(env, argv[0], "socket", &socket)) return NULL;

  int64_t tag = 0;
  struct iovec part = {.iov_base = &tag, .iov_len = sizeof tag};
  struct msghdr message;
  ssize_t got = next_packet(socket, &(struct msghdr){.msg_iov = &part, .msg_iovlen = 1}, &message, MSG_PEEK);
  if (got < 0) return no_packet(env, socket);
  /* Every packet of ours has bytes. */
  if (got == 0) return text(env, "closed");
  napi_value result;
  CHECK(env, napi_create_int64(env, tag, &result));
  return result;
}

static napi_value receive_descriptors(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 1);
  int socket;
  if (!take_descriptor(env, argv[0], "socket", &socket)) return NULL;

  int64_t tag = 0;
  Control control;
  struct iovec part = {.iov_base = &tag, .iov_len = sizeof tag};
  struct msghdr message;
  const struct msghdr form = {.msg_iov = &part,
                              .msg_iovlen = 1,
                              .msg_control = control.bytes,
                              .msg_controllen = sizeof control.bytes};
  ssize_t got = next_packet(socket, &form, &message, MSG_CMSG_CLOEXEC);
  if (got < 0) return no_packet(env, socket);

  Received received;
  collect_descriptors(&message, &received);
  if (got == 0 && received.count == 0) return text(env, "closed");
  /* The kernel gives as many as this process may still have, and drops the others. */
  if ((message.msg_flags & MSG_CTRUNC) != 0) {
    close_all(&received);
    return fail_descriptor(env, EMFILE, "recvmsg", socket);
  }
  if ((message.msg_flags & MSG_TRUNC) != 0 || got != sizeof tag) {
    close_all(&received);
    return fail_descriptor(env, EPROTO, "recvmsg", socket);
  }
  napi_value packet = packet_object(env, tag, &received);
  if (packet != NULL) return packet;
  close_all(&received);
  return fail_status(env, napi_generic_failure);
}

static napi_value is_hung_up(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 1);
  int socket;
  if (!take_descriptor(env, argv[0], "socket", &socket)) return NULL;
  struct pollfd watch = {.fd = socket, .events = POLLRDHUP};
  int ready;
  do {
    ready = poll(&watch, 1, 0);
  } while (ready < 0 && errno == EINTR);
  if (ready < 0) return fail_descriptor(env, errno, "poll", socket);
  if ((watch.revents & POLLNVAL) != 0) return fail_descriptor(env, EBADF, "poll", socket);
  napi_value result;
  CHECK(env, napi_get_boolean(env, ready > 0, &result));
  return result;
}

const Function socket_functions[] = {
    {"socketPair", socket_pair},
    {"sendDescriptors", send_descriptors},
    {"receiveDescriptors", receive_descriptors},
    {"peekTag", peek_tag},
    {"isHungUp", is_hung_up},
    {NULL, NULL},
};
