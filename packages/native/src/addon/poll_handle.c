/*
 * class PollHandle: a uv_poll_t on the loop of its thread.
 *
 * It watches a duplicate of the descriptor. libuv aborts the process when a watched descriptor was closed, and refuses
 * to watch one twice; with a duplicate neither can happen, and its user may close in any order.
 *
 * While it is started it is kept alive from here, as Node keeps its own handles; stopped and forgotten, it is
 * collected. The callback is a property of the object and is looked up there: a strong reference would keep the object
 * for ever, and a weak one would have to be deleted by the object's finalizer, within the collection in which V8 still
 * holds a pointer to it.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

#include "arguments.h"
#include "call_back.h"
#include "failure.h"
#include "poll_bits.h"
#include "system.h"

typedef struct PollHandle {
  uv_poll_t poll;
  Instance *instance;
  struct PollHandle *previous;
  struct PollHandle *next;
  napi_ref self; /* strong while active */
  int fd;        /* our duplicate */
  int wanted;
  bool drain;
  bool active;
  bool open;        /* not closed yet */
  bool uv_done;     /* libuv will not touch it any more */
  bool object_gone; /* nor will JavaScript */
} PollHandle;

static void free_if_unused(PollHandle *handle) {
  if (handle->uv_done && handle->object_gone) free(handle);
}

static void set_active(PollHandle *handle, bool active) {
  if (handle->active == active) return;
  handle->active = active;
  uint32_t count;
  if (active) napi_reference_ref(handle->instance->env, handle->self, &count);
  else napi_reference_unref(handle->instance->env, handle->self, &count);
}

static void on_closed(uv_handle_t *closed) {
  PollHandle *handle = closed->data;
  Instance *instance = handle->instance;
  handle->uv_done = true;
  free_if_unused(handle);
  instance_handle_closed(instance);
}

/* Safe within a collection, too, but for `set_active`. */
static void close_handle(PollHandle *handle) {
  handle->open = false;
  if (handle->previous != NULL) handle->previous->next = handle->next;
  else handle->instance->poll_handles = handle->next;
  if (handle->next != NULL) handle->next->previous = handle->previous;
  handle->instance->closing++;
  uv_close((uv_handle_t *)&handle->poll, on_closed);
  close(handle->fd);
}

void poll_handles_close(Instance *instance) {
  while (instance->poll_handles != NULL) {
    PollHandle *handle = instance->poll_handles;
    close_handle(handle);
    set_active(handle, false);
  }
}

const char poll_handle_mark;

void poll_handles_mark(Instance *instance) {
  for (PollHandle *handle = instance->poll_handles; handle != NULL; handle = handle->next) {
    handle->poll.data = (void *)(uintptr_t)&poll_handle_mark;
  }
}

/* What they wait for is waited for by the parent. Whoever starts them again goes on with the same descriptor. */
void poll_handles_stop(Instance *instance) {
  for (PollHandle *handle = instance->poll_handles; handle != NULL; handle = handle->next) {
    handle->poll.data = handle;
    uv_poll_stop(&handle->poll);
    set_active(handle, false);
  }
}

static void on_object_gone(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  PollHandle *handle = data;
  handle->object_gone = true;
  napi_delete_reference(env, handle->self);
  if (handle->open) close_handle(handle);
  free_if_unused(handle);
}

static void drain(int fd) {
  uint64_t count;
  ssize_t got;
  do {
    got = read(fd, &count, sizeof count);
  } while (got < 0 && errno == EINTR);
}

static void on_poll(uv_poll_t *poll, int status, int events);

static int watch(PollHandle *handle) { return uv_poll_start(&handle->poll, handle->wanted, on_poll); }

/*
 * libuv has stopped watching, because poll(2) says POLLERR: a peer that died with unread packets does that. But what
 * it had sent can still be read. So look for ourselves, and go on watching.
 */
static int bits_of_error(PollHandle *handle) {
  struct pollfd watched = {.fd = handle->fd, .events = poll_events_of(handle->wanted)};
  int ready;
  do {
    ready = poll(&watched, 1, 0);
  } while (ready < 0 && errno == EINTR);
  if (watch(handle) != 0) set_active(handle, false);
  return ready > 0 ? bits_of_poll_events(watched.revents) : HANGUP;
}

static void on_poll(uv_poll_t *poll, int status, int events) {
  PollHandle *handle = poll->data;
  const int bits = status < 0 ? bits_of_error(handle) : events;
  if (handle->drain && (bits & READABLE) != 0) drain(handle->fd);
  call_method(handle->instance->env, handle->self, "onReady", bits);
}

static napi_value construct(napi_env env, napi_callback_info info) {
  napi_value self, new_target, argv[3];
  size_t argc = 3;
  CHECK(env, napi_get_cb_info(env, info, &argc, argv, &self, NULL));
  CHECK(env, napi_get_new_target(env, info, &new_target));
  if (new_target == NULL) {
    napi_throw_type_error(env, "ERR_CONSTRUCT_CALL_REQUIRED", "PollHandle must be called with new");
    return NULL;
  }
  int fd;
  bool drains;
  if (!take_descriptor(env, argv[0], "fd", &fd)) return NULL;
  if (!take_function(env, argv[1], "onReady")) return NULL;
  if (!take_boolean(env, argv[2], "options.drain", &drains)) return NULL;
  CHECK(env, napi_set_named_property(env, self, "onReady", argv[1]));

  PollHandle *handle = calloc(1, sizeof *handle);
  if (handle == NULL) return fail_memory(env);
  Instance *instance = handle->instance = instance_of(env);
  handle->drain = drains;
  handle->poll.data = handle;
  handle->fd = descriptor_copy(fd);
  if (handle->fd < 0) {
    const int number = errno;
    free(handle);
    return fail_descriptor(env, number, "fcntl", fd);
  }
  const int refused = uv_poll_init(instance->loop, &handle->poll, handle->fd);
  if (refused != 0) {
    close(handle->fd);
    free(handle);
    return fail_descriptor(env, -refused, "uv_poll_init", fd);
  }
  handle->open = true;
  handle->next = instance->poll_handles;
  if (handle->next != NULL) handle->next->previous = handle;
  instance->poll_handles = handle;

  const napi_status status = napi_wrap(env, self, handle, on_object_gone, NULL, &handle->self);
  if (status == napi_ok) return self;
  handle->object_gone = true;
  close_handle(handle);
  return fail_status(env, status);
}

static PollHandle *this_handle(napi_env env, napi_callback_info info, size_t argc, napi_value *argv) {
  napi_value self;
  void *handle = NULL;
  CHECK(env, napi_get_cb_info(env, info, &argc, argv, &self, NULL));
  CHECK(env, napi_unwrap(env, self, &handle));
  return handle;
}

static napi_value start(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  PollHandle *handle = this_handle(env, info, 1, argv);
  if (handle == NULL) return NULL;
  int64_t events;
  if (!take_integer(env, argv[0], "events", 1, ALL_BITS, &events)) return NULL;
  if (!handle->open) {
    napi_throw_error(env, "ERR_MP_CLOSED", "The PollHandle was closed");
    return NULL;
  }
  handle->wanted = (int)events;
  const int refused = watch(handle);
  if (refused != 0) return fail_descriptor(env, -refused, "uv_poll_start", handle->fd);
  set_active(handle, true);
  return NULL;
}

static napi_value stop(napi_env env, napi_callback_info info) {
  PollHandle *handle = this_handle(env, info, 0, NULL);
  if (handle == NULL || !handle->open) return NULL;
  uv_poll_stop(&handle->poll);
  set_active(handle, false);
  return NULL;
}

static napi_value ref(napi_env env, napi_callback_info info) {
  PollHandle *handle = this_handle(env, info, 0, NULL);
  if (handle != NULL && handle->open) uv_ref((uv_handle_t *)&handle->poll);
  return NULL;
}

static napi_value unref(napi_env env, napi_callback_info info) {
  PollHandle *handle = this_handle(env, info, 0, NULL);
  if (handle != NULL && handle->open) uv_unref((uv_handle_t *)&handle->poll);
  return NULL;
}

static napi_value close_now(napi_env env, napi_callback_info info) {
  PollHandle *handle = this_handle(env, info, 0, NULL);
  if (handle == NULL || !handle->open) return NULL;
  close_handle(handle);
  set_active(handle, false);
  return NULL;
}

static napi_value is_active(napi_env env, napi_callback_info info) {
  const PollHandle *handle = this_handle(env, info, 0, NULL);
  if (handle == NULL) return NULL;
  napi_value result;
  CHECK(env, napi_get_boolean(env, handle->active, &result));
  return result;
}

bool poll_handle_define(napi_env env, napi_value exports) {
  static const napi_property_descriptor methods[] = {
      METHOD("start", start), METHOD("stop", stop),       METHOD("ref", ref),
      METHOD("unref", unref), METHOD("close", close_now), METHOD("isActive", is_active),
  };
  napi_value class;
  CHECK_OR(env,
           napi_define_class(env, "PollHandle", NAPI_AUTO_LENGTH, construct, NULL, sizeof methods / sizeof *methods,
                             methods, &class),
           false);
  CHECK_OR(env, napi_set_named_property(env, exports, "PollHandle", class), false);
  return true;
}
