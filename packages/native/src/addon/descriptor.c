#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "arguments.h"
#include "failure.h"
#include "system.h"

static napi_value close_descriptor(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 1);
  int fd;
  if (!take_descriptor(env, argv[0], "fd", &fd)) return NULL;
  /* Linux has released the descriptor even when it says EINTR; trying again could close somebody else's. */
  if (close(fd) != 0 && errno != EINTR) return fail_descriptor(env, errno, "close", fd);
  return NULL;
}

static napi_value duplicate_descriptor(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 1);
  int fd;
  if (!take_descriptor(env, argv[0], "fd", &fd)) return NULL;
  const int copy = descriptor_copy(fd);
  if (copy < 0) return fail_descriptor(env, errno, "fcntl", fd);
  napi_value result;
  CHECK(env, napi_create_int32(env, copy, &result));
  return result;
}

static napi_value descriptor_size(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 1);
  int fd;
  if (!take_descriptor(env, argv[0], "fd", &fd)) return NULL;
  struct stat status;
  if (descriptor_status(fd, &status) != 0) return fail_descriptor(env, errno, "fstat", fd);
  napi_value result;
  CHECK(env, napi_create_int64(env, status.st_size, &result));
  return result;
}

static napi_value set_close_on_exec(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 2);
  int fd;
  bool on;
  if (!take_descriptor(env, argv[0], "fd", &fd)) return NULL;
  if (!take_boolean(env, argv[1], "on", &on)) return NULL;
  if (fcntl(fd, F_SETFD, on ? FD_CLOEXEC : 0) != 0) return fail_descriptor(env, errno, "fcntl", fd);
  return NULL;
}

const Function descriptor_functions[] = {
    {"closeDescriptor", close_descriptor},
    {"duplicateDescriptor", duplicate_descriptor},
    {"descriptorSize", descriptor_size},
    {"setCloseOnExec", set_close_on_exec},
    {NULL, NULL},
};
