#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "arguments.h"
#include "failure.h"

static napi_value create_doorbell(napi_env env, napi_callback_info info) {
  (void)info;
  const int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd < 0) return fail(env, errno, "eventfd");
  napi_value result;
  CHECK(env, napi_create_int32(env, fd, &result));
  return result;
}

static napi_value ring_doorbell(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 1);
  int fd;
  if (!take_descriptor(env, argv[0], "fd", &fd)) return NULL;
  const uint64_t one = 1;
  ssize_t written;
  do {
    written = write(fd, &one, sizeof one);
  } while (written < 0 && errno == EINTR);
  /* EAGAIN: the counter is full, so the bell rings already. */
  if (written < 0 && errno != EAGAIN) return fail_descriptor(env, errno, "write", fd);
  return NULL;
}

static napi_value silence_doorbell(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 1);
  int fd;
  if (!take_descriptor(env, argv[0], "fd", &fd)) return NULL;
  uint64_t count;
  ssize_t got;
  do {
    got = read(fd, &count, sizeof count);
  } while (got < 0 && errno == EINTR);
  if (got < 0 && errno != EAGAIN) return fail_descriptor(env, errno, "read", fd);
  napi_value result;
  CHECK(env, napi_get_boolean(env, got > 0, &result));
  return result;
}

const Function doorbell_functions[] = {
    {"createDoorbell", create_doorbell},
    {"ringDoorbell", ring_doorbell},
    {"silenceDoorbell", silence_doorbell},
    {NULL, NULL},
};
