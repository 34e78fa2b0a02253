/* Memory that has a descriptor: anonymous (memfd) or named (a file of /dev/shm, as shm_open makes it). */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/falloc.h>
#include <linux/memfd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "arguments.h"
#include "failure.h"
#include "system.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif
#ifndef F_ADD_SEALS
#define F_ADD_SEALS 1033
#define F_SEAL_SHRINK 0x0002
#endif

/* The kernel allows 249 bytes after its own "memfd:". */
#define LABEL_CAPACITY 250
#define DIRECTORY "/dev/shm"

static int resize(int fd, int64_t size) {
  int result;
  do {
    result = ftruncate(fd, size);
  } while (result != 0 && errno == EINTR);
  return result;
}

static napi_value create_memory(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 2);
  int64_t size;
  char label[LABEL_CAPACITY];
  if (!take_integer(env, argv[0], "size", 0, LARGEST_INTEGER, &size)) return NULL;
  if (!take_text(env, argv[1], "label", 0, label, sizeof label)) return NULL;

  const unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  int fd = (int)syscall(SYS_memfd_create, label, flags | MFD_NOEXEC_SEAL);
  /* Linux before 6.3 does not know that flag. */
  if (fd < 0 && errno == EINVAL) fd = (int)syscall(SYS_memfd_create, label, flags);
  if (fd < 0) return fail(env, errno, "memfd_create");
  if (resize(fd, size) != 0) {
    const int number = errno;
    close(fd);
    return fail(env, number, "ftruncate");
  }
  /* Whoever has it mapped would be killed by SIGBUS if another process could make it smaller. */
  if (fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK) != 0) {
    const int number = errno;
    close(fd);
    return fail(env, number, "fcntl");
  }
  napi_value result;
  CHECK(env, napi_create_int32(env, fd, &result));
  return result;
}

typedef struct SharedName {
  char name[1 + NAME_MAX + 1];                    /* "/psm_x", for messages */
  char path[sizeof DIRECTORY + 1 + NAME_MAX + 1]; /* "/dev/shm/psm_x" */
} SharedName;

static bool take_name(napi_env env, napi_value value, SharedName *out) {
  char text[1 + NAME_MAX + 1];
  if (!take_text(env, value, "name", 1, text, sizeof text)) return false;
  const char *bare = text[0] == '/' ? text + 1 : text;
  const char *reason = NULL;
  if (*bare == 0) reason = "must have at least one character after its slash";
  else if (strchr(bare, '/') != NULL) reason = "must not contain a slash, except one at its beginning";
  else if (strcmp(bare, ".") == 0 || strcmp(bare, "..") == 0) reason = "must not be '.' or '..'";
  else if (strlen(bare) > NAME_MAX) reason = "must not be longer than 255 bytes of UTF-8";
  if (reason != NULL) {
    refuse_value(env, "name", reason);
    return false;
  }
  snprintf(out->name, sizeof out->name, "/%.*s", NAME_MAX, bare);
  snprintf(out->path, sizeof out->path, "%s%s", DIRECTORY, out->name);
  return true;
}

static napi_value open_shared_memory(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 6);
  SharedName shared;
  bool create, exclusive, truncate, read_only;
  int64_t mode;
  if (!take_name(env, argv[0], &shared)) return NULL;
  if (!take_boolean(env, argv[1], "flags.create", &create)) return NULL;
  if (!take_boolean(env, argv[2], "flags.exclusive", &exclusive)) return NULL;
  if (!take_boolean(env, argv[3], "flags.truncate", &truncate)) return NULL;
  if (!take_boolean(env, argv[4], "flags.readOnly", &read_only)) return NULL;
  if (!take_integer(env, argv[5], "mode", 0, 0777, &mode)) return NULL;
  if (exclusive && !create) {
    refuse_value(env, "flags.exclusive", "means nothing without flags.create");
    return NULL;
  }
  if (truncate && read_only) {
    refuse_value(env, "flags.truncate", "cannot be combined with flags.readOnly");
    return NULL;
  }

  int flags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  flags |= read_only ? O_RDONLY : O_RDWR;
  if (create) flags |= O_CREAT;
  if (exclusive) flags |= O_EXCL;
  if (truncate) flags |= O_TRUNC;
  int fd;
  do {
    fd = open(shared.path, flags, (mode_t)mode);
  } while (fd < 0 && errno == EINTR);
  if (fd < 0) return fail_path(env, errno, "shm_open", shared.name);
  napi_value result;
  CHECK(env, napi_create_int32(env, fd, &result));
  return result;
}

static napi_value unlink_shared_memory(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 1);
  SharedName shared;
  if (!take_name(env, argv[0], &shared)) return NULL;
  if (unlink(shared.path) != 0) return fail_path(env, errno, "shm_unlink", shared.name);
  return NULL;
}

static napi_value resize_memory(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 2);
  int fd;
  int64_t size;
  if (!take_descriptor(env, argv[0], "fd", &fd)) return NULL;
  if (!take_integer(env, argv[1], "size", 0, LARGEST_INTEGER, &size)) return NULL;
  if (resize(fd, size) != 0) return fail_descriptor(env, errno, "ftruncate", fd);
  return NULL;
}

static napi_value discard_memory(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 3);
  int fd;
  int64_t offset, length;
  if (!take_descriptor(env, argv[0], "fd", &fd)) return NULL;
  if (!take_integer(env, argv[1], "offset", 0, LARGEST_INTEGER, &offset)) return NULL;
  if (!take_integer(env, argv[2], "length", 1, LARGEST_INTEGER, &length)) return NULL;
  int result;
  do {
    result = fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length);
  } while (result != 0 && errno == EINTR);
  if (result != 0) return fail_descriptor(env, errno, "fallocate", fd);
  return NULL;
}

const Function memory_functions[] = {
    {"createMemory", create_memory},
    {"openSharedMemory", open_shared_memory},
    {"unlinkSharedMemory", unlink_shared_memory},
    {"resizeMemory", resize_memory},
    {"discardMemory", discard_memory},
    {NULL, NULL},
};
