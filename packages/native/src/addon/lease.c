/*
 * A Lease tells other processes that nobody here reads a part of the memory any more, by storing 0 into a word of it.
 * It ends when its Lease object was released or collected, and each of its views was collected or detached.
 *
 * A program that stays in synchronous code never comes to the finalizers of the views' memory (region.h). So each
 * leased view carries a second, weak finalizer, and as we ask for prompt finalizers (module.c), that one runs within
 * the collection. It must neither call JavaScript nor delete a reference, and only makes system calls.
 *
 * What this cannot see: ArrayBuffer.prototype.transfer() of a leased view moves the memory to another ArrayBuffer; the
 * lease ends with the old one. The documentation forbids it. (Sending a view to a worker is refused by Node.)
 */
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "arguments.h"
#include "failure.h"
#include "fork.h"
#include "region.h"
#include "system.h"

typedef struct Lease {
  Region *region;
  size_t offset;
  size_t holds; /* the Lease object, until released or collected, and the views */
  unsigned generation; /* of forks: what was leased by the parent is given back by the parent */
  bool released;
  bool object_gone;
} Lease;

typedef struct LeasedView {
  Region *region;
  Lease *lease;   /* NULL: given back */
  int finalizers; /* that have yet to run: of the ArrayBuffer, and of its memory */
} LeasedView;

static void drop_lease(Lease *lease) {
  if (--lease->holds > 0) return;
  Region *region = lease->region;
  int32_t *word = (int32_t *)(void *)(region->base + lease->offset);
  if (lease->generation != fork_generation) goto end; /* see fork_own.c */
  /*
   * Stores 0, with full ordering, and wakes whoever waits for that. The kernel does it, because the memory may have
   * been truncated meanwhile: this fails then, where a store of our own would end in SIGBUS.
   */
  const long stored =
      syscall(SYS_futex, word, FUTEX_WAKE_OP, INT_MAX, 0UL, word, FUTEX_OP(FUTEX_OP_SET, 0, FUTEX_OP_CMP_EQ, 0));
  if (stored < 0 && errno == ENOSYS) atomic_store((_Atomic int32_t *)word, 0);
end:
  lease->region = NULL;
  if (lease->object_gone) free(lease);
  region_drop(region);
}

static void end_view(LeasedView *view) {
  if (view->lease != NULL) drop_lease(view->lease);
  view->lease = NULL;
  if (--view->finalizers == 0) free(view);
}

static void on_leased_view_dead(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  end_view(data);
}

static void on_leased_memory_freed(napi_env env, void *data, void *hint) {
  (void)env;
  (void)data;
  Region *region = ((LeasedView *)hint)->region;
  end_view(hint);
  region_drop(region);
}

static void on_lease_object_gone(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  Lease *lease = data;
  lease->object_gone = true;
  if (!lease->released) {
    lease->released = true;
    drop_lease(lease);
  } else if (lease->holds == 0) {
    free(lease);
  }
}

static napi_value lease_construct(napi_env env, napi_callback_info info) {
  napi_value self;
  size_t argc = 1;
  napi_value argv[1];
  CHECK(env, napi_get_cb_info(env, info, &argc, argv, &self, NULL));
  Instance *instance = instance_of(env);
  Region *region = instance->leased_region;
  instance->leased_region = NULL;
  if (region == NULL) {
    napi_throw_type_error(env, "ERR_ILLEGAL_CONSTRUCTOR", "A Lease comes from Mapping.lease()");
    return NULL;
  }
  int64_t offset;
  if (!take_integer(env, argv[0], "offset", 0, (int64_t)region->size - (int64_t)sizeof(int32_t), &offset)) return NULL;
  if (offset % (int64_t)sizeof(int32_t) != 0) {
    refuse_range(env, "offset", "a multiple of 4", (double)offset);
    return NULL;
  }
  Lease *lease = malloc(sizeof *lease);
  if (lease == NULL) return fail_memory(env);
  *lease = (Lease){.region = region, .offset = (size_t)offset, .generation = fork_generation, .holds = 1};
  const napi_status status = napi_wrap(env, self, lease, on_lease_object_gone, NULL, NULL);
  if (status != napi_ok) {
    free(lease);
    return fail_status(env, status);
  }
  region->holds++;
  return self;
}

static Lease *this_lease(napi_env env, napi_callback_info info, size_t argc, napi_value *argv) {
  napi_value self;
  void *lease = NULL;
  CHECK(env, napi_get_cb_info(env, info, &argc, argv, &self, NULL));
  CHECK(env, napi_unwrap(env, self, &lease));
  return lease;
}

static napi_value lease_view(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  Lease *lease = this_lease(env, info, 2, argv);
  if (lease == NULL) return NULL;
  if (lease->released) {
    napi_throw_error(env, "ERR_MP_CLOSED", "The lease was released: make the views before that");
    return NULL;
  }
  size_t offset, length;
  if (!take_part(env, argv, lease->region, &offset, &length)) return NULL;
  if (length == 0) return empty_view(env);
  LeasedView *view = malloc(sizeof *view);
  if (view == NULL) return fail_memory(env);
  *view = (LeasedView){.region = lease->region, .lease = lease, .finalizers = 1};
  lease->holds++;
  napi_value buffer = region_view(env, lease->region, offset, length, on_leased_memory_freed, view);
  if (buffer == NULL) return NULL;
  if (napi_add_finalizer(env, buffer, view, on_leased_view_dead, NULL, NULL) == napi_ok) view->finalizers++;
  return buffer;
}

static napi_value lease_release(napi_env env, napi_callback_info info) {
  Lease *lease = this_lease(env, info, 0, NULL);
  if (lease == NULL || lease->released) return NULL;
  lease->released = true;
  drop_lease(lease);
  return NULL;
}

napi_value lease_create(napi_env env, Region *region, napi_value offset) {
  Instance *instance = instance_of(env);
  napi_value lease_class, lease;
  CHECK(env, napi_get_reference_value(env, instance->lease_class, &lease_class));
  instance->leased_region = region;
  const napi_status status = napi_new_instance(env, lease_class, 1, &offset, &lease);
  instance->leased_region = NULL;
  return status == napi_ok ? lease : fail_status(env, status);
}

bool lease_define(napi_env env, Instance *instance) {
  static const napi_property_descriptor methods[] = {METHOD("view", lease_view), METHOD("release", lease_release)};
  napi_value lease_class;
  CHECK_OR(env,
           napi_define_class(env, "Lease", NAPI_AUTO_LENGTH, lease_construct, NULL, sizeof methods / sizeof *methods,
                             methods, &lease_class),
           false);
  CHECK_OR(env, napi_create_reference(env, lease_class, 1, &instance->lease_class), false);
  return true;
}
