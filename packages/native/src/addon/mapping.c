/*
 * One mmap is a Region. JavaScript sees it through ArrayBuffers, and each of them must be gone before the munmap:
 *
 *   mapMemory()        Region ◄── 1 ArrayBuffer          unmapMemory() detaches it and unmaps at once
 *   new Mapping()      Region ◄── the Mapping, until close() or collection
 *                             ◄── each view (an ArrayBuffer), until V8 has freed its backing store
 *                             ◄── each Lease, until its word is stored
 *
 * A Lease tells other processes that nobody here reads a part of the memory any more, by storing 0 into a word of it.
 * It ends when its Lease object was released or collected and each of its views was collected or detached.
 *
 * When is that? V8 finds an ArrayBuffer dead during a collection, and Node runs the finalizer of the ArrayBuffer's
 * memory from the event loop, some time after; a program that stays in synchronous code would never come there. The
 * munmap has to wait for it, since only V8 knows that nothing points into the memory. The lease need not: each leased
 * view carries a second, weak finalizer, and as we ask for prompt finalizers (module.c), that one runs within the
 * collection. It must not call JavaScript, and only makes system calls.
 *
 * What this cannot see: ArrayBuffer.prototype.transfer() of a leased view moves the memory to another ArrayBuffer; the
 * lease ends with the old one. The documentation forbids it. (Sending a view to a worker is refused by Node.)
 */
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "arguments.h"
#include "failure.h"
#include "system.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#endif

typedef struct Region {
  struct Regions *registry; /* NULL: not in it (unmapped, or the environment is gone) */
  char *base;               /* NULL: unmapped */
  size_t size;
  size_t holds;
  bool read_only;
  bool sole; /* made by mapMemory */
} Region;

typedef struct Lease {
  Region *region;
  size_t offset;
  size_t holds; /* the Lease object, until released or collected, and the views */
  bool released;
  bool object_gone;
} Lease;

typedef struct LeasedView {
  Region *region;
  Lease *lease;   /* NULL: given back */
  int finalizers; /* that have yet to run: of the ArrayBuffer, and of its memory */
} LeasedView;

/* What is mapped in one environment, sorted by address. */
struct Regions {
  Region **sorted;
  size_t count;
  size_t capacity;
  napi_ref lease_class;
  Region *for_new_lease; /* between Mapping.lease() and the constructor of Lease */
};

/* The place of the first region whose base is above `address`. */
static size_t place_after(const struct Regions *regions, const char *address) {
  size_t low = 0, high = regions->count;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (regions->sorted[middle]->base <= address) low = middle + 1;
    else high = middle;
  }
  return low;
}

static Region *region_at(const struct Regions *regions, const char *address) {
  const size_t place = place_after(regions, address);
  if (place == 0) return NULL;
  Region *region = regions->sorted[place - 1];
  return address < region->base + region->size ? region : NULL;
}

static bool register_region(struct Regions *regions, Region *region) {
  if (regions->count == regions->capacity) {
    const size_t capacity = regions->capacity == 0 ? 16 : regions->capacity * 2;
    Region **sorted = realloc(regions->sorted, capacity * sizeof *sorted);
    if (sorted == NULL) return false;
    regions->sorted = sorted;
    regions->capacity = capacity;
  }
  const size_t place = place_after(regions, region->base);
  memmove(regions->sorted + place + 1, regions->sorted + place, (regions->count - place) * sizeof *regions->sorted);
  regions->sorted[place] = region;
  regions->count++;
  region->registry = regions;
  return true;
}

static void unregister_region(Region *region) {
  struct Regions *regions = region->registry;
  if (regions == NULL) return;
  region->registry = NULL;
  const size_t place = place_after(regions, region->base);
  memmove(regions->sorted + place - 1, regions->sorted + place, (regions->count - place) * sizeof *regions->sorted);
  regions->count--;
}

static int unmap_region(Region *region) {
  unregister_region(region);
  char *base = region->base;
  region->base = NULL;
  return base == NULL ? 0 : munmap(base, region->size);
}

static void drop_region(Region *region) {
  if (--region->holds > 0) return;
  unmap_region(region);
  free(region);
}

/* A region with one hold, or NULL after a throw. */
static Region *map_region(napi_env env, const napi_value *argv, bool sole) {
  int fd;
  int64_t size, offset;
  bool read_only, populate;
  if (!take_descriptor(env, argv[0], "fd", &fd)) return NULL;
  if (!take_integer(env, argv[1], "size", 1, LARGEST_INTEGER, &size)) return NULL;
  if (!take_integer(env, argv[2], "options.offset", 0, LARGEST_INTEGER, &offset)) return NULL;
  if (!take_boolean(env, argv[3], "options.readOnly", &read_only)) return NULL;
  if (!take_boolean(env, argv[4], "options.populate", &populate)) return NULL;
  if (offset % getpagesize() != 0) {
    char expected[64];
    snprintf(expected, sizeof expected, "a multiple of the page size, %d", getpagesize());
    refuse_range(env, "options.offset", expected, (double)offset);
    return NULL;
  }
  struct stat status;
  if (descriptor_status(fd, &status) != 0) {
    fail_descriptor(env, errno, "fstat", fd);
    return NULL;
  }
  /* To touch a page behind the end of the file is death by SIGBUS. */
  if (S_ISREG(status.st_mode) && (offset > status.st_size || size > status.st_size - offset)) {
    char expected[160];
    snprintf(expected, sizeof expected, "at most what the memory of descriptor %d holds after the offset, %lld", fd,
             (long long)(offset > status.st_size ? 0 : status.st_size - offset));
    refuse_range(env, "size", expected, (double)size);
    return NULL;
  }

  Region *region = calloc(1, sizeof *region);
  if (region == NULL) {
    fail_memory(env);
    return NULL;
  }
  /*
   * JavaScript has no read-only ArrayBuffer: with PROT_READ alone, a stray write would kill the process. So such a
   * write goes to a private copy of the page. MAP_POPULATE would make all those copies at once.
   */
  int flags = read_only ? MAP_PRIVATE | MAP_NORESERVE : MAP_SHARED;
  if (populate && !read_only) flags |= MAP_POPULATE;
  char *base = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, flags, fd, offset);
  if (base == MAP_FAILED) {
    const int number = errno;
    free(region);
    fail_descriptor(env, number, "mmap", fd);
    return NULL;
  }
  if (populate && read_only) madvise(base, (size_t)size, MADV_POPULATE_READ); /* Only a hint; Linux 5.14. */
  *region = (Region){.base = base, .size = (size_t)size, .holds = 1, .read_only = read_only, .sole = sole};
  if (!register_region(instance_of(env)->regions, region)) {
    drop_region(region);
    fail_memory(env);
    return NULL;
  }
  return region;
}

static void on_memory_freed(napi_env env, void *data, void *hint) {
  (void)env;
  (void)data;
  drop_region(hint);
}

/* An ArrayBuffer over a part of a region, which holds it; NULL after a throw. */
static napi_value create_view(napi_env env, Region *region, size_t offset, size_t length, napi_finalize finalizer,
                              void *hint) {
  napi_value buffer;
  region->holds++;
  const napi_status status =
      napi_create_external_arraybuffer(env, region->base + offset, length, finalizer, hint, &buffer);
  if (status == napi_ok) return buffer;
  /* Nothing else says whether the finalizer will run; rather than unmap too early, the hold stays. */
  if (status == napi_no_external_buffers_allowed) drop_region(region);
  return fail_status(env, status);
}

static napi_value map_memory(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 5);
  Region *region = map_region(env, argv, true);
  if (region == NULL) return NULL;
  napi_value buffer = create_view(env, region, 0, region->size, on_memory_freed, region);
  drop_region(region);
  return buffer;
}

static napi_value unmap_memory(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 1);
  bool is_buffer = false, detached = false;
  CHECK(env, napi_is_arraybuffer(env, argv[0], &is_buffer));
  if (!is_buffer) {
    refuse_type(env, argv[0], "buffer", "an ArrayBuffer");
    return NULL;
  }
  CHECK(env, napi_is_detached_arraybuffer(env, argv[0], &detached));
  if (detached) {
    refuse_value(env, "buffer", "is detached: it was unmapped before");
    return NULL;
  }
  void *data = NULL;
  size_t length = 0;
  CHECK(env, napi_get_arraybuffer_info(env, argv[0], &data, &length));
  Region *region = data == NULL || length == 0 ? NULL : region_at(instance_of(env)->regions, data);
  if (region == NULL) {
    refuse_value(env, "buffer", "is not mapped memory: only what mapMemory() or a Mapping returned can be unmapped");
    return NULL;
  }
  CHECK(env, napi_detach_arraybuffer(env, argv[0]));
  /* A view of a Mapping: its own finalizer will tell the region, as there may be others. */
  if (!region->sole) return NULL;
  const size_t size = region->size;
  if (unmap_region(region) != 0) {
    char what[48];
    snprintf(what, sizeof what, "munmap of %zu bytes", size);
    return fail(env, errno, what);
  }
  return NULL;
}

/* A view that holds a lease */

static void drop_lease(Lease *lease) {
  if (--lease->holds > 0) return;
  Region *region = lease->region;
  int32_t *word = (int32_t *)(void *)(region->base + lease->offset);
  /*
   * Stores 0, with full ordering, and wakes whoever waits for that. The kernel does it, because the memory may have
   * been truncated meanwhile: this fails then, where a store of our own would end in SIGBUS.
   */
  const long stored =
      syscall(SYS_futex, word, FUTEX_WAKE_OP, INT_MAX, 0UL, word, FUTEX_OP(FUTEX_OP_SET, 0, FUTEX_OP_CMP_EQ, 0));
  if (stored < 0 && errno == ENOSYS) atomic_store((_Atomic int32_t *)word, 0);
  lease->region = NULL;
  if (lease->object_gone) free(lease);
  drop_region(region);
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
  drop_region(region);
}

static bool take_part(napi_env env, const napi_value *argv, const Region *region, size_t *offset, size_t *length) {
  int64_t from, count;
  if (!take_integer(env, argv[0], "offset", 0, (int64_t)region->size, &from)) return false;
  if (!take_integer(env, argv[1], "length", 0, (int64_t)region->size - from, &count)) return false;
  *offset = (size_t)from;
  *length = (size_t)count;
  return true;
}

static napi_value create_empty(napi_env env) {
  napi_value buffer;
  void *data;
  CHECK(env, napi_create_arraybuffer(env, 0, &data, &buffer));
  return buffer;
}

static void refuse_closed(napi_env env, const char *what) { napi_throw_error(env, "ERR_MP_CLOSED", what); }

/* class Lease: made by Mapping.lease() only */

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
  struct Regions *regions = instance_of(env)->regions;
  Region *region = regions->for_new_lease;
  regions->for_new_lease = NULL;
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
  *lease = (Lease){.region = region, .offset = (size_t)offset, .holds = 1};
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
    refuse_closed(env, "The lease was released: make the views before that");
    return NULL;
  }
  size_t offset, length;
  if (!take_part(env, argv, lease->region, &offset, &length)) return NULL;
  if (length == 0) return create_empty(env);
  LeasedView *view = malloc(sizeof *view);
  if (view == NULL) return fail_memory(env);
  *view = (LeasedView){.region = lease->region, .lease = lease, .finalizers = 1};
  lease->holds++;
  napi_value buffer = create_view(env, lease->region, offset, length, on_leased_memory_freed, view);
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

/* class Mapping */

typedef struct Mapping {
  Region *region; /* NULL: closed */
} Mapping;

static void close_mapping(Mapping *mapping) {
  Region *region = mapping->region;
  mapping->region = NULL;
  if (region != NULL) drop_region(region);
}

static void on_mapping_object_gone(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  close_mapping(data);
  free(data);
}

static napi_value mapping_construct(napi_env env, napi_callback_info info) {
  napi_value self, new_target;
  napi_value argv[5];
  size_t argc = 5;
  CHECK(env, napi_get_cb_info(env, info, &argc, argv, &self, NULL));
  CHECK(env, napi_get_new_target(env, info, &new_target));
  if (new_target == NULL) {
    napi_throw_type_error(env, "ERR_CONSTRUCT_CALL_REQUIRED", "Mapping must be called with new");
    return NULL;
  }
  Mapping *mapping = malloc(sizeof *mapping);
  if (mapping == NULL) return fail_memory(env);
  mapping->region = map_region(env, argv, false);
  if (mapping->region == NULL) {
    free(mapping);
    return NULL;
  }
  const napi_status status = napi_wrap(env, self, mapping, on_mapping_object_gone, NULL, NULL);
  if (status == napi_ok) return self;
  on_mapping_object_gone(env, mapping, NULL);
  return fail_status(env, status);
}

static Mapping *this_mapping(napi_env env, napi_callback_info info, size_t argc, napi_value *argv) {
  napi_value self;
  void *mapping = NULL;
  CHECK(env, napi_get_cb_info(env, info, &argc, argv, &self, NULL));
  CHECK(env, napi_unwrap(env, self, &mapping));
  return mapping;
}

static Region *open_region(napi_env env, const Mapping *mapping) {
  if (mapping == NULL) return NULL;
  if (mapping->region == NULL) refuse_closed(env, "The mapping was closed: no more views or leases can be made");
  return mapping->region;
}

static napi_value mapping_view(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  Region *region = open_region(env, this_mapping(env, info, 2, argv));
  if (region == NULL) return NULL;
  size_t offset, length;
  if (!take_part(env, argv, region, &offset, &length)) return NULL;
  if (length == 0) return create_empty(env);
  return create_view(env, region, offset, length, on_memory_freed, region);
}

static napi_value mapping_lease(napi_env env, napi_callback_info info) {
  napi_value argv[1], lease_class, lease;
  Region *region = open_region(env, this_mapping(env, info, 1, argv));
  if (region == NULL) return NULL;
  if (region->read_only) {
    refuse_value(env, "offset", "cannot be leased: the mapping is read-only, so others would not see the word change");
    return NULL;
  }
  struct Regions *regions = instance_of(env)->regions;
  CHECK(env, napi_get_reference_value(env, regions->lease_class, &lease_class));
  regions->for_new_lease = region;
  const napi_status status = napi_new_instance(env, lease_class, 1, argv, &lease);
  regions->for_new_lease = NULL;
  return status == napi_ok ? lease : fail_status(env, status);
}

static napi_value mapping_close(napi_env env, napi_callback_info info) {
  Mapping *mapping = this_mapping(env, info, 0, NULL);
  if (mapping != NULL) close_mapping(mapping);
  return NULL;
}

static napi_value mapping_count(napi_env env, napi_callback_info info) {
  (void)info;
  napi_value result;
  CHECK(env, napi_create_double(env, (double)instance_of(env)->regions->count, &result));
  return result;
}

#define METHOD(name, call) {name, NULL, call, NULL, NULL, NULL, napi_default_method, NULL}

bool mapping_define(napi_env env, napi_value exports, Instance *instance) {
  static const napi_property_descriptor mapping_methods[] = {
      METHOD("view", mapping_view),
      METHOD("lease", mapping_lease),
      METHOD("close", mapping_close),
  };
  static const napi_property_descriptor lease_methods[] = {
      METHOD("view", lease_view),
      METHOD("release", lease_release),
  };
  struct Regions *regions = instance->regions = calloc(1, sizeof *regions);
  if (regions == NULL) {
    fail_memory(env);
    return false;
  }
  napi_value mapping_class, lease_class;
  CHECK_OR(env,
           napi_define_class(env, "Mapping", NAPI_AUTO_LENGTH, mapping_construct, NULL,
                             sizeof mapping_methods / sizeof *mapping_methods, mapping_methods, &mapping_class),
           false);
  CHECK_OR(env, napi_set_named_property(env, exports, "Mapping", mapping_class), false);
  CHECK_OR(env,
           napi_define_class(env, "Lease", NAPI_AUTO_LENGTH, lease_construct, NULL,
                             sizeof lease_methods / sizeof *lease_methods, lease_methods, &lease_class),
           false);
  CHECK_OR(env, napi_create_reference(env, lease_class, 1, &regions->lease_class), false);
  return true;
}

void mapping_forget(Instance *instance) {
  struct Regions *regions = instance->regions;
  if (regions == NULL) return;
  for (size_t i = 0; i < regions->count; i++) regions->sorted[i]->registry = NULL;
  free(regions->sorted);
  free(regions);
}

const Function mapping_functions[] = {
    {"mapMemory", map_memory},
    {"unmapMemory", unmap_memory},
    {"countMappings", mapping_count},
    {NULL, NULL},
};
