/* Everything that goes wrong becomes an Error that JavaScript catches. Each function returns NULL, to be returned. */
#ifndef MP_FAILURE_H
#define MP_FAILURE_H

#include "module.h"

/* A failed system call, as Node reports one: "EBADF: bad file descriptor, fstat fd 7", code, errno, syscall. */
napi_value fail(napi_env env, int number, const char *syscall);
napi_value fail_descriptor(napi_env env, int number, const char *syscall, int fd);
napi_value fail_path(napi_env env, int number, const char *syscall, const char *path);
napi_value fail_process(napi_env env, int number, const char *syscall, int64_t pid);

napi_value fail_memory(napi_env env);

/* A Node-API call that did not succeed; throws, unless an exception of JavaScript is on its way already. */
napi_value fail_status(napi_env env, napi_status status);

#define CHECK_OR(env, call, otherwise)            \
  do {                                            \
    const napi_status check_status = (call);      \
    if (check_status != napi_ok) {                \
      fail_status(env, check_status);             \
      return otherwise;                           \
    }                                             \
  } while (0)

#define CHECK(env, call) CHECK_OR(env, call, NULL)

#endif
