/* Mapped memory as JavaScript has it: mapMemory, unmapMemory, and class Mapping. What holds what is told in region.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "arguments.h"
#include "failure.h"
#include "region.h"

static napi_value map_memory(napi_env env, napi_callback_info info) {
  ARGUMENTS(env, info, 5);
  Region *region = region_map(env, argv, true);
  if (region == NULL) return NULL;
  napi_value buffer = region_view(env, region, 0, region->size, on_memory_freed, region);
  region_drop(region);
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
  if (region_unmap(region) != 0) {
    char what[48];
    snprintf(what, sizeof what, "munmap of %zu bytes", size);
    return fail(env, errno, what);
  }
  return NULL;
}

/* class Mapping */

typedef struct Mapping {
  Region *region; /* NULL: closed */
} Mapping;

static void close_mapping(Mapping *mapping) {
  Region *region = mapping->region;
  mapping->region = NULL;
  if (region != NULL) region_drop(region);
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
  mapping->region = region_map(env, argv, false);
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
  if (mapping->region == NULL) {
    napi_throw_error(env, "ERR_MP_CLOSED", "The mapping was closed: no more views or leases can be made");
  }
  return mapping->region;
}

static napi_value mapping_view(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  Region *region = open_region(env, this_mapping(env, info, 2, argv));
  if (region == NULL) return NULL;
  size_t offset, length;
  if (!take_part(env, argv, region, &offset, &length)) return NULL;
  if (length == 0) return empty_view(env);
  return region_view(env, region, offset, length, on_memory_freed, region);
}

static napi_value mapping_lease(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  Region *region = open_region(env, this_mapping(env, info, 1, argv));
  if (region == NULL) return NULL;
  if (region->read_only) {
    refuse_value(env, "offset", "cannot be leased: the mapping is read-only, so others would not see the word change");
    return NULL;
  }
  return lease_create(env, region, argv[0]);
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

bool mapping_define(napi_env env, napi_value exports, Instance *instance) {
  static const napi_property_descriptor methods[] = {
      METHOD("view", mapping_view),
      METHOD("lease", mapping_lease),
      METHOD("close", mapping_close),
  };
  instance->regions = calloc(1, sizeof *instance->regions);
  if (instance->regions == NULL) {
    fail_memory(env);
    return false;
  }
  napi_value mapping_class;
  CHECK_OR(env,
           napi_define_class(env, "Mapping", NAPI_AUTO_LENGTH, mapping_construct, NULL,
                             sizeof methods / sizeof *methods, methods, &mapping_class),
           false);
  CHECK_OR(env, napi_set_named_property(env, exports, "Mapping", mapping_class), false);
  return lease_define(env, instance);
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
