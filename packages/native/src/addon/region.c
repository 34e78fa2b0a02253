#include "region.h"

#include <errno.h>
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

Region *region_at(const struct Regions *regions, const char *address) {
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

int region_unmap(Region *region) {
  unregister_region(region);
  char *base = region->base;
  region->base = NULL;
  return base == NULL ? 0 : munmap(base, region->size);
}

void region_drop(Region *region) {
  if (--region->holds > 0) return;
  region_unmap(region);
  free(region);
}

Region *region_map(napi_env env, const napi_value *argv, bool sole) {
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
    region_drop(region);
    fail_memory(env);
    return NULL;
  }
  return region;
}

void on_memory_freed(napi_env env, void *data, void *hint) {
  (void)env;
  (void)data;
  region_drop(hint);
}

napi_value region_view(napi_env env, Region *region, size_t offset, size_t length, napi_finalize finalizer,
                              void *hint) {
  napi_value buffer;
  region->holds++;
  const napi_status status =
      napi_create_external_arraybuffer(env, region->base + offset, length, finalizer, hint, &buffer);
  if (status == napi_ok) return buffer;
  /* Nothing else says whether the finalizer will run; rather than unmap too early, the hold stays. */
  if (status == napi_no_external_buffers_allowed) region_drop(region);
  return fail_status(env, status);
}

bool take_part(napi_env env, const napi_value *argv, const Region *region, size_t *offset, size_t *length) {
  int64_t from, count;
  if (!take_integer(env, argv[0], "offset", 0, (int64_t)region->size, &from)) return false;
  if (!take_integer(env, argv[1], "length", 0, (int64_t)region->size - from, &count)) return false;
  *offset = (size_t)from;
  *length = (size_t)count;
  return true;
}

napi_value empty_view(napi_env env) {
  napi_value buffer;
  void *data;
  CHECK(env, napi_create_arraybuffer(env, 0, &data, &buffer));
  return buffer;
}
