/*
 * One mmap is a Region. JavaScript sees it through ArrayBuffers, and each of them must be gone before the munmap:
 *
 *   mapMemory()        Region ◄── 1 ArrayBuffer          unmapMemory() detaches it and unmaps at once
 *   new Mapping()      Region ◄── the Mapping, until close() or collection
 *                             ◄── each view (an ArrayBuffer), until V8 has freed its backing store
 *                             ◄── each Lease, until its word is stored (lease.c)
 *
 * V8 finds an ArrayBuffer dead during a collection, but only Node's finalizer of its backing store says that nothing
 * points into the memory any more, and that runs from the event loop, some time after. The munmap has to wait for it.
 */
#ifndef MP_REGION_H
#define MP_REGION_H

#include "module.h"

typedef struct Region {
  struct Regions *registry; /* NULL: not in it (unmapped, or the environment is gone) */
  char *base;               /* NULL: unmapped */
  size_t size;
  size_t holds;
  bool read_only;
  bool sole; /* made by mapMemory */
} Region;

/* What is mapped in one environment, sorted by address. */
struct Regions {
  Region **sorted;
  size_t count;
  size_t capacity;
};

/* Arguments fd, size, offset, readOnly, populate. A region with one hold, or NULL after a throw. */
Region *region_map(napi_env env, const napi_value *argv, bool sole);
void region_drop(Region *region);
/* Takes the memory away at once, whoever holds it. 0, or -1 and errno. */
int region_unmap(Region *region);
/* The one that has the address, or NULL. */
Region *region_at(const struct Regions *regions, const char *address);

/* A finalizer for region_view, with the region as its hint. */
void on_memory_freed(napi_env env, void *data, void *hint);
/* An ArrayBuffer over a part of a region, which holds it until the finalizer drops it; NULL after a throw. */
napi_value region_view(napi_env env, Region *region, size_t offset, size_t length, napi_finalize finalizer, void *hint);
/* Arguments offset and length, of a part of the region. */
bool take_part(napi_env env, const napi_value *argv, const Region *region, size_t *offset, size_t *length);
/* What a view of length 0 is: an ordinary ArrayBuffer, which holds nothing. */
napi_value empty_view(napi_env env);

/* class Lease (lease.c) */
bool lease_define(napi_env env, Instance *instance);
/* What `new Lease(offset)` is, for a region; NULL after a throw. */
napi_value lease_create(napi_env env, Region *region, napi_value offset);

#endif
