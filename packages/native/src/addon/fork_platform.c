/* Whether this Node has what a fork needs, and where. */
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "fork.h"
#include "system.h"

#define IMPL "EN2v812TaskPriorityESt10unique_ptrINS1_4TaskESt14default_deleteIS4_EE"

static const char NAME_VTABLE[] = "_ZTVN4node12NodePlatformE";
static const char NAME_POST[] = "_ZN4node12NodePlatform26PostTaskOnWorkerThreadImpl" IMPL "RKNS1_14SourceLocationE";
static const char NAME_POST_DELAYED[] =
    "_ZN4node12NodePlatform33PostDelayedTaskOnWorkerThreadImpl" IMPL "dRKNS1_14SourceLocationE";
static const char NAME_DRAIN[] = "_ZN4node12NodePlatform10DrainTasksEPN2v87IsolateE";

/* More than NodePlatform has virtual functions; the scan ends at the first word that cannot be code. */
#define MOST_SLOTS 40

static uv_lib_t program;

static void *find(const char *name) {
  void *address = NULL;
  return uv_dlsym(&program, name, &address) == 0 ? address : NULL;
}

/* From the third word on: before them stand the offset to the top and the type. */
static void **slot_of(void **vtable, const void *function) {
  for (size_t i = 2; i < MOST_SLOTS && vtable[i] != NULL; i++) {
    if (vtable[i] == function) return &vtable[i];
  }
  return NULL;
}

bool libc_has_old_conditions(void) {
  const char *(*version)(void) = NULL;
  void *address = find("gnu_get_libc_version");
  memcpy(&version, &address, sizeof version);
  if (version == NULL) return false;
  const char *text = version();
  const char *dot = strchr(text, '.');
  int minor = 0;
  for (const char *digit = dot == NULL ? "" : dot + 1; *digit >= '0' && *digit <= '9'; digit++) {
    minor = minor * 10 + (*digit - '0');
  }
  return text[0] == '2' && text[1] == '.' && minor < 41;
}

static const char *look(Platform *out) {
#if !defined(__x86_64__)
  (void)out;
  (void)find;
  (void)slot_of;
  return "it has been proved on x86-64 only, and this is another processor";
#else
  if (uv_dlopen(NULL, &program) != 0) return "the symbols of the program cannot be read";
  if (find("gnu_get_libc_version") == NULL) return "the C library is not glibc";
  void **vtable = find(NAME_VTABLE);
  void *post = find(NAME_POST), *delayed = find(NAME_POST_DELAYED), *drain = find(NAME_DRAIN);
  if (vtable == NULL || post == NULL || delayed == NULL || drain == NULL) {
    return "this build of Node does not export the symbols of its platform";
  }
  *out = (Platform){slot_of(vtable, post), slot_of(vtable, delayed), slot_of(vtable, drain)};
  if (out->post == NULL || out->post_delayed == NULL || out->drain == NULL) {
    return "the platform of this Node is made differently from those of Node 22 to 26";
  }
  if (access("/proc/self/schedstat", R_OK) != 0 || access("/proc/self/syscall", R_OK) != 0) {
    return "the kernel does not tell what threads do (/proc/self/schedstat, /proc/self/syscall)";
  }
  return NULL;
#endif
}

const char *platform_find(Platform *out) {
  static Platform platform;
  static const char *reason;
  static bool looked;
  if (!looked) {
    reason = look(&platform);
    looked = true;
  }
  *out = platform;
  return reason;
}
