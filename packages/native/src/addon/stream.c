/*
 * Sockets that carry a stream of bytes: TCP over IPv4 and IPv6, and unix sockets. Addresses are the bytes of the
 * kernel's `struct sockaddr`, which the TypeScript side writes and reads. Nothing here waits: every socket is
 * non-blocking, and who has to wait polls.
 */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "arguments.h"
#include "failure.h"
#include "system.h"

/* What a call returns that would have to wait. */
#define WOULD_WAIT (-1)

typedef struct Bytes {
  uint8_t *data;
  size_t length;
} Bytes;

static bool take_bytes(napi_env env, napi_value value, const char *name, Bytes *out) {
  napi_typedarray_type type;
  void *data;
  bool is_typedarray = false;
  if (napi_is_typedarray(env, value, &is_typedarray) != napi_ok || !is_typedarray ||
      napi_get_typedarray_info(env, value, &type, &out->length, &data, NULL, NULL) != napi_ok ||
      type != napi_uint8_array) {
    refuse_type(env, value, name, "a Uint8Array");
    return false;
  }
  out->data = data;
  return true;
}

/* The bytes from a start to an end of an array: three arguments, and their names. */
static bool take_range(napi_env env, const napi_value *argv, const char *const *names, Bytes *out) {
  Bytes whole;
  int64_t start, end;
  if (!take_bytes(env, argv[0], names[0], &whole)) return false;
  if (!take_integer(env, argv[1], names[1], 0, (int64_t)whole.length, &start)) return false;
  if (!take_integer(env, argv[2], names[2], start, (int64_t)whole.length, &end)) return false;
  out->data = whole.data == NULL ? NULL : whole.data + start;
  out->length = (size_t)(end - start);
  return true;
}

static bool take_address(napi_env env, napi_value value, Bytes *out) {
  if (!take_bytes(env, value, "address", out)) return false;
  if (out->length >= sizeof(sa_family_t) && out->length <= sizeof(struct sockaddr_storage)) return true;
  refuse_range(env, "address.length", ">= 2 && <= 128", (double)out->length);
  return false;
}

static napi_value integer(napi_env env, int64_t value) {
  napi_value result;
  CHECK(env, napi_create_int64(env, value, &result));
  return result;
}

static napi_value open_socket(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 1);
  int64_t family;
  if (!take_integer(env, argv[0], "family", 0, UINT16_MAX, &family)) return NULL;
  const int fd = socket((int)family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return fail(env, errno, "socket");
  return integer(env, fd);
}

static napi_value bind_socket(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 2);
  int fd;
  Bytes address;
  if (!take_descriptor(env, argv[0], "fd", &fd)) return NULL;
  if (!take_address(env, argv[1], &address)) return NULL;
  if (bind(fd, (const struct sockaddr *)address.data, (socklen_t)address.length) != 0) return fail(env, errno, "bind");
  return NULL;
}

static napi_value listen_socket(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 2);
  int fd;
  int64_t backlog;
  if (!take_descriptor(env, argv[0], "fd", &fd)) return NULL;
  if (!take_integer(env, argv[1], "backlog", 0, INT32_MAX, &backlog)) return NULL;
  if (listen(fd, (int)backlog) != 0) return fail_descriptor(env, errno, "listen", fd);
  return NULL;
}

/* Errors of a connection that broke before it was accepted, which accept(2) wants to be treated like none: try again. */
static bool broke_before(int number) {
  return number == ECONNABORTED || number == EPROTO || number == ENETDOWN || number == ENOPROTOOPT ||
         number == EHOSTDOWN || number == ENONET || number == EHOSTUNREACH || number == ENETUNREACH;
}

static napi_value accept_socket(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 1);
  int listener, fd;
  if (!take_descriptor(env, argv[0], "fd", &listener)) return NULL;
  do {
    fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  } while (fd < 0 && (errno == EINTR || broke_before(errno)));
  if (fd < 0 && errno != EAGAIN) return fail_descriptor(env, errno, "accept", listener);
  return integer(env, fd < 0 ? WOULD_WAIT : fd);
}

static napi_value connect_socket(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 2);
  int fd;
  Bytes address;
  if (!take_descriptor(env, argv[0], "fd", &fd)) return NULL;
  if (!take_address(env, argv[1], &address)) return NULL;
  int outcome;
  do {
    outcome = connect(fd, (const struct sockaddr *)address.data, (socklen_t)address.length);
  } while (outcome != 0 && errno == EINTR);
  /* In progress: TCP, to be polled for. Again: the line of a unix listener is full, of which no poll(2) tells. */
  if (outcome == 0) return integer(env, 0);
  if (errno == EINPROGRESS || errno == EALREADY) return integer(env, 1);
  if (errno == EAGAIN) return integer(env, 2);
  return fail(env, errno, "connect");
}

static napi_value socket_error(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 2);
  int fd;
  char syscall_name[32];
  if (!take_descriptor(env, argv[0], "fd", &fd)) return NULL;
  if (!take_text(env, argv[1], "syscall", 1, syscall_name, sizeof syscall_name)) return NULL;
  int number = 0;
  socklen_t length = sizeof number;
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &number, &length) != 0) return fail_descriptor(env, errno, "getsockopt", fd);
  if (number != 0) return fail(env, number, syscall_name);
  return NULL;
}

static napi_value socket_address(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 2);
  int fd;
  bool peer;
  if (!take_descriptor(env, argv[0], "fd", &fd)) return NULL;
  if (!take_boolean(env, argv[1], "peer", &peer)) return NULL;
  struct sockaddr_storage address;
  socklen_t length = sizeof address;
  const int outcome = peer ? getpeername(fd, (struct sockaddr *)&address, &length)
                           : getsockname(fd, (struct sockaddr *)&address, &length);
  if (outcome != 0) return fail_descriptor(env, errno, peer ? "getpeername" : "getsockname", fd);
  if (length > sizeof address) length = sizeof address;
  void *data;
  napi_value buffer, bytes;
  CHECK(env, napi_create_arraybuffer(env, length, &data, &buffer));
  memcpy(data, &address, length);
  CHECK(env, napi_create_typedarray(env, napi_uint8_array, length, buffer, 0, &bytes));
  return bytes;
}

/* A name may have 253 bytes; an IPv6 address may name its interface behind a %. */
#define HOST_ROOM 1025
#define PORT_ROOM 6
#define MOST_ADDRESSES 16

static bool append_address(napi_env env, napi_value array, const struct addrinfo *found) {
  uint32_t count;
  void *data;
  napi_value buffer, bytes;
  CHECK_OR(env, napi_get_array_length(env, array, &count), false);
  if (count == MOST_ADDRESSES) return true;
  CHECK_OR(env, napi_create_arraybuffer(env, found->ai_addrlen, &data, &buffer), false);
  memcpy(data, found->ai_addr, found->ai_addrlen);
  CHECK_OR(env, napi_create_typedarray(env, napi_uint8_array, found->ai_addrlen, buffer, 0, &bytes), false);
  CHECK_OR(env, napi_set_element(env, array, count, bytes), false);
  return true;
}

/* The addresses of a host, or the number of getaddrinfo's error. Asks the network, unless it is to be numeric. */
static napi_value resolve_host(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 4);
  char host[HOST_ROOM];
  int64_t port, family;
  bool numeric;
  if (!take_text(env, argv[0], "host", 0, host, sizeof host)) return NULL;
  if (!take_integer(env, argv[1], "port", 0, UINT16_MAX, &port)) return NULL;
  if (!take_integer(env, argv[2], "family", 0, UINT16_MAX, &family)) return NULL;
  if (!take_boolean(env, argv[3], "numeric", &numeric)) return NULL;
  char service[PORT_ROOM];
  snprintf(service, sizeof service, "%d", (int)port);
  /* No name at all is every address of this machine. */
  const struct addrinfo wanted = {.ai_family = (int)family,
                                  .ai_socktype = SOCK_STREAM,
                                  .ai_flags = AI_NUMERICSERV | AI_PASSIVE | (numeric ? AI_NUMERICHOST : 0)};
  struct addrinfo *found = NULL;
  const int outcome = getaddrinfo(host[0] == '\0' ? NULL : host, service, &wanted, &found);
  if (outcome != 0) return integer(env, outcome);
  napi_value addresses;
  const napi_status status = napi_create_array(env, &addresses);
  if (status != napi_ok) {
    freeaddrinfo(found);
    return fail_status(env, status);
  }
  bool good = true;
  for (const struct addrinfo *each = found; good && each != NULL; each = each->ai_next) {
    good = append_address(env, addresses, each);
  }
  freeaddrinfo(found);
  return good ? addresses : NULL;
}

/* [host, port] of an address of the internet. */
static napi_value describe_address(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 1);
  Bytes address;
  if (!take_address(env, argv[0], &address)) return NULL;
  struct sockaddr_storage aligned;
  memset(&aligned, 0, sizeof aligned);
  memcpy(&aligned, address.data, address.length);
  char host[HOST_ROOM];
  char service[PORT_ROOM];
  /* Of some other families some C libraries make something, too. */
  if ((aligned.ss_family != AF_INET && aligned.ss_family != AF_INET6) ||
      getnameinfo((const struct sockaddr *)&aligned, (socklen_t)address.length, host, sizeof host, service,
                  sizeof service, NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    refuse_value(env, "address", "must be of IPv4 or IPv6");
    return NULL;
  }
  napi_value pair, text;
  CHECK(env, napi_create_array_with_length(env, 2, &pair));
  CHECK(env, napi_create_string_utf8(env, host, NAPI_AUTO_LENGTH, &text));
  CHECK(env, napi_set_element(env, pair, 0, text));
  CHECK(env, napi_create_string_utf8(env, service, NAPI_AUTO_LENGTH, &text));
  CHECK(env, napi_set_element(env, pair, 1, text));
  return pair;
}

static bool take_option(napi_env env, const napi_value *argv, int *fd, int *level, int *name) {
  int64_t level_number, name_number;
  if (!take_descriptor(env, argv[0], "fd", fd)) return false;
  if (!take_integer(env, argv[1], "level", 0, INT32_MAX, &level_number)) return false;
  if (!take_integer(env, argv[2], "name", 0, INT32_MAX, &name_number)) return false;
  *level = (int)level_number;
  *name = (int)name_number;
  return true;
}

static napi_value set_socket_option(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 4);
  int fd, level, name;
  int64_t value;
  if (!take_option(env, argv, &fd, &level, &name)) return NULL;
  if (!take_integer(env, argv[3], "value", INT32_MIN, INT32_MAX, &value)) return NULL;
  const int number = (int)value;
  if (setsockopt(fd, level, name, &number, sizeof number) != 0) return fail_descriptor(env, errno, "setsockopt", fd);
  return NULL;
}

static napi_value get_socket_option(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 3);
  int fd, level, name;
  if (!take_option(env, argv, &fd, &level, &name)) return NULL;
  int number = 0;
  socklen_t length = sizeof number;
  if (getsockopt(fd, level, name, &number, &length) != 0) return fail_descriptor(env, errno, "getsockopt", fd);
  return integer(env, number);
}

static napi_value receive_bytes(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 4);
  int fd;
  Bytes room;
  if (!take_descriptor(env, argv[0], "fd", &fd)) return NULL;
  if (!take_range(env, argv + 1, (const char *const[]){"bytes", "start", "end"}, &room)) return NULL;
  /* Nothing to fill is not the end of the stream, which 0 means. */
  if (room.length == 0) {
    refuse_value(env, "bytes", "must have room");
    return NULL;
  }
  struct iovec part = {.iov_base = room.data, .iov_len = room.length};
  ssize_t got;
  do {
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    got = receive_message(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  } while (got < 0 && errno == EINTR);
  if (got < 0 && errno != EAGAIN) return fail_descriptor(env, errno, "recv", fd);
  return integer(env, got < 0 ? WOULD_WAIT : (int64_t)got);
}

static napi_value send_bytes(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 7);
  int fd;
  Bytes first, second;
  if (!take_descriptor(env, argv[0], "fd", &fd)) return NULL;
  if (!take_range(env, argv + 1, (const char *const[]){"first", "firstStart", "firstEnd"}, &first)) return NULL;
  if (!take_range(env, argv + 4, (const char *const[]){"second", "secondStart", "secondEnd"}, &second)) return NULL;
  struct iovec parts[2] = {{.iov_base = first.data, .iov_len = first.length},
                           {.iov_base = second.data, .iov_len = second.length}};
  ssize_t sent;
  do {
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    sent = send_message(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0 && errno != EAGAIN && errno != ENOBUFS) return fail_descriptor(env, errno, "send", fd);
  return integer(env, sent < 0 ? WOULD_WAIT : (int64_t)sent);
}

const Function stream_functions[] = {
    {"openSocket", open_socket},
    {"bindSocket", bind_socket},
    {"listenSocket", listen_socket},
    {"acceptSocket", accept_socket},
    {"connectSocket", connect_socket},
    {"socketError", socket_error},
    {"socketAddress", socket_address},
    {"resolveHost", resolve_host},
    {"describeAddress", describe_address},
    {"setSocketOption", set_socket_option},
    {"getSocketOption", get_socket_option},
    {"receiveBytes", receive_bytes},
    {"sendBytes", send_bytes},
    {NULL, NULL},
};
