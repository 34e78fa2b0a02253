/*
 * A host for the addon that is not Node, linked with musl: no build of Node for musl is on npm. It has as much of
 * Node-API and libuv as the calls below need, loads the addon with every symbol bound (RTLD_NOW), and calls what
 * depends on the C library: system calls with structs (stat, msghdr, siginfo), threads, mutexes.
 *
 *     apt-get install musl-tools
 *     musl-gcc -O1 -rdynamic -I$(dirname $(dirname $(which node)))/include/node -o /tmp/musl-host scripts/musl-host.c
 *     /tmp/musl-host prebuilds/linux-x64/mp_native.node
 */
#define _GNU_SOURCE
#define NAPI_VERSION 9
#include <dlfcn.h>
#include <node_api.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default"), used))

typedef struct Value {
  napi_valuetype type;
  double number;
  char *text;
  napi_callback call;
  void *data;
  struct Value *items[300];
  char *names[64];
  size_t count;
  int32_t *words; /* of an Int32Array */
} Value;

struct napi_callback_info__ {
  size_t count;
  napi_value args[8];
  void *data;
};

static Value *make(napi_valuetype type) {
  Value *value = calloc(1, sizeof *value);
  value->type = type;
  return value;
}
static Value *number(double n) {
  Value *value = make(napi_number);
  value->number = n;
  return value;
}
static Value *text(const char *t) {
  Value *value = make(napi_string);
  value->text = strdup(t);
  return value;
}
#define V(value) ((Value *)(value))
#define OUT(result, value) (*(result) = (napi_value)(value), napi_ok)

static void *instance;
static Value *thrown;

EXPORT napi_status napi_get_instance_data(napi_env e, void **data) { return *data = instance, napi_ok; }
EXPORT napi_status napi_set_instance_data(napi_env e, void *data, napi_finalize f, void *h) { return instance = data, napi_ok; }
EXPORT napi_status napi_get_uv_event_loop(napi_env e, struct uv_loop_s **loop) { return *loop = (void *)1, napi_ok; }
EXPORT napi_status napi_add_async_cleanup_hook(napi_env e, napi_async_cleanup_hook h, void *d, napi_async_cleanup_hook_handle *r) { return napi_ok; }
EXPORT napi_status napi_remove_async_cleanup_hook(napi_async_cleanup_hook_handle h) { return napi_ok; }
EXPORT napi_status napi_create_function(napi_env e, const char *n, size_t l, napi_callback c, void *d, napi_value *r) {
  Value *value = make(napi_function);
  value->call = c;
  value->data = d;
  return OUT(r, value);
}
EXPORT napi_status napi_set_named_property(napi_env e, napi_value o, const char *n, napi_value v) {
  V(o)->names[V(o)->count] = strdup(n);
  V(o)->items[V(o)->count++] = V(v);
  return napi_ok;
}
EXPORT napi_status napi_define_class(napi_env e, const char *n, size_t l, napi_callback c, void *d, size_t k, const napi_property_descriptor *p, napi_value *r) {
  return napi_create_function(e, n, l, c, d, r);
}
EXPORT napi_status napi_create_reference(napi_env e, napi_value v, uint32_t c, napi_ref *r) { return *r = (napi_ref)v, napi_ok; }
EXPORT napi_status napi_get_reference_value(napi_env e, napi_ref r, napi_value *v) { return OUT(v, r); }
EXPORT napi_status napi_get_cb_info(napi_env e, napi_callback_info i, size_t *argc, napi_value *argv, napi_value *self, void **data) {
  if (argc != NULL) for (size_t k = 0; k < *argc; k++) argv[k] = k < i->count ? i->args[k] : (napi_value)make(napi_undefined);
  if (data != NULL) *data = i->data;
  return napi_ok;
}
EXPORT napi_status napi_get_value_double(napi_env e, napi_value v, double *r) {
  if (V(v)->type != napi_number) return napi_number_expected;
  return *r = V(v)->number, napi_ok;
}
EXPORT napi_status napi_get_value_bool(napi_env e, napi_value v, bool *r) {
  if (V(v)->type != napi_boolean) return napi_boolean_expected;
  return *r = V(v)->number != 0, napi_ok;
}
EXPORT napi_status napi_get_value_string_utf8(napi_env e, napi_value v, char *b, size_t c, size_t *l) {
  if (V(v)->type != napi_string) return napi_string_expected;
  *l = strlen(V(v)->text);
  if (b != NULL) memcpy(b, V(v)->text, *l + 1);
  return napi_ok;
}
EXPORT napi_status napi_create_int32(napi_env e, int32_t n, napi_value *r) { return OUT(r, number(n)); }
EXPORT napi_status napi_create_uint32(napi_env e, uint32_t n, napi_value *r) { return OUT(r, number(n)); }
EXPORT napi_status napi_create_int64(napi_env e, int64_t n, napi_value *r) { return OUT(r, number((double)n)); }
EXPORT napi_status napi_create_double(napi_env e, double n, napi_value *r) { return OUT(r, number(n)); }
EXPORT napi_status napi_create_bigint_uint64(napi_env e, uint64_t n, napi_value *r) { return OUT(r, number((double)n)); }
EXPORT napi_status napi_get_boolean(napi_env e, bool b, napi_value *r) { *r = (napi_value)number(b); return V(*r)->type = napi_boolean, napi_ok; }
EXPORT napi_status napi_create_string_utf8(napi_env e, const char *t, size_t l, napi_value *r) { return OUT(r, text(t)); }
EXPORT napi_status napi_create_array_with_length(napi_env e, size_t l, napi_value *r) { return OUT(r, make(napi_object)); }
EXPORT napi_status napi_create_object(napi_env e, napi_value *r) { return OUT(r, make(napi_object)); }
EXPORT napi_status napi_set_element(napi_env e, napi_value a, uint32_t i, napi_value v) {
  V(a)->items[i] = V(v);
  if (i >= V(a)->count) V(a)->count = i + 1;
  return napi_ok;
}
EXPORT napi_status napi_get_element(napi_env e, napi_value a, uint32_t i, napi_value *r) { return OUT(r, V(a)->items[i]); }
EXPORT napi_status napi_get_array_length(napi_env e, napi_value a, uint32_t *l) { return *l = (uint32_t)V(a)->count, napi_ok; }
EXPORT napi_status napi_is_array(napi_env e, napi_value v, bool *r) { return *r = V(v)->type == napi_object, napi_ok; }
EXPORT napi_status napi_is_typedarray(napi_env e, napi_value v, bool *r) { return *r = V(v)->words != NULL, napi_ok; }
EXPORT napi_status napi_get_typedarray_info(napi_env e, napi_value v, napi_typedarray_type *t, size_t *l, void **d, napi_value *b, size_t *o) {
  *t = napi_int32_array, *l = 1024, *d = V(v)->words;
  return napi_ok;
}
EXPORT napi_status napi_typeof(napi_env e, napi_value v, napi_valuetype *t) { return *t = V(v)->type, napi_ok; }
EXPORT napi_status napi_create_error(napi_env e, napi_value code, napi_value m, napi_value *r) {
  *r = (napi_value)text(V(m)->text);
  return napi_set_named_property(e, *r, "code", code);
}
EXPORT napi_status napi_throw(napi_env e, napi_value v) { return thrown = V(v), napi_ok; }
static napi_status throw_text(const char *code, const char *message) {
  Value *error = text(message);
  napi_set_named_property(NULL, (napi_value)error, "code", (napi_value)text(code));
  return napi_throw(NULL, (napi_value)error);
}
EXPORT napi_status napi_throw_error(napi_env e, const char *c, const char *m) { return throw_text(c, m); }
EXPORT napi_status napi_throw_type_error(napi_env e, const char *c, const char *m) { return throw_text(c, m); }
EXPORT napi_status napi_throw_range_error(napi_env e, const char *c, const char *m) { return throw_text(c, m); }
EXPORT napi_status napi_add_finalizer(napi_env e, napi_value o, void *d, napi_finalize f, void *h, napi_ref *r) { return napi_ok; }
EXPORT napi_status napi_open_handle_scope(napi_env e, napi_handle_scope *s) { return napi_ok; }
EXPORT napi_status napi_close_handle_scope(napi_env e, napi_handle_scope s) { return napi_ok; }
EXPORT napi_status napi_get_global(napi_env e, napi_value *r) { return OUT(r, make(napi_object)); }
EXPORT napi_status napi_make_callback(napi_env e, napi_async_context c, napi_value o, napi_value f, size_t n, const napi_value *a, napi_value *r) {
  struct napi_callback_info__ info = {.count = n, .args = {a[0]}, .data = V(f)->data};
  return *r = V(f)->call(e, &info), napi_ok;
}

/* Nothing here calls these; they only have to be found. */
#define NEVER(name) EXPORT void never_##name(void) __asm__(#name); void never_##name(void) { abort(); }
NEVER(napi_create_arraybuffer)
NEVER(napi_create_external_arraybuffer)
NEVER(napi_delete_reference)
NEVER(napi_detach_arraybuffer)
NEVER(napi_fatal_exception)
NEVER(napi_get_and_clear_last_exception)
NEVER(napi_get_arraybuffer_info)
NEVER(napi_get_last_error_info)
NEVER(napi_get_named_property)
NEVER(napi_get_new_target)
NEVER(napi_get_value_bigint_uint64)
NEVER(napi_is_arraybuffer)
NEVER(napi_is_detached_arraybuffer)
NEVER(napi_is_exception_pending)
NEVER(napi_new_instance)
NEVER(napi_reference_ref)
NEVER(napi_reference_unref)
NEVER(napi_unwrap)
NEVER(napi_wrap)
NEVER(uv_close)
NEVER(uv_poll_init)
NEVER(uv_poll_start)
NEVER(uv_poll_stop)

/* libuv: an async handle is a flag and its callback. */
static void (*async_callback)(void *);
static void *async_handle;
static int async_pipe[2];
EXPORT int uv_async_init(void *loop, void *handle, void (*callback)(void *)) { return async_callback = callback, async_handle = handle, pipe(async_pipe); }
EXPORT int uv_async_send(void *handle) { return write(async_pipe[1], "", 1) == 1 ? 0 : -1; }
EXPORT void uv_ref(void *h) {}
EXPORT void uv_unref(void *h) {}
EXPORT char *uv_err_name_r(int number, char *b, size_t l) { return snprintf(b, l, "E%d", -number), b; }
EXPORT char *uv_strerror_r(int number, char *b, size_t l) { return snprintf(b, l, "%s", strerror(-number)), b; }

static Value *exports;

static Value *call_with(const char *name, size_t count, Value **args) {
  for (size_t i = 0; i < exports->count; i++) {
    if (strcmp(exports->names[i], name) != 0) continue;
    struct napi_callback_info__ info = {.count = count, .data = exports->items[i]->data};
    for (size_t k = 0; k < count; k++) info.args[k] = (napi_value)args[k];
    thrown = NULL;
    Value *result = V(exports->items[i]->call(NULL, &info));
    return result;
  }
  fprintf(stderr, "no function %s\n", name), exit(1);
}
#define CALL(name, ...) call_with(name, sizeof((Value *[]){__VA_ARGS__}) / sizeof(Value *), (Value *[]){__VA_ARGS__})
#define FALSE_VALUE ({ Value *v = make(napi_boolean); v; })
#define TRUE_VALUE ({ Value *v = make(napi_boolean); v->number = 1; v; })

static void check_that(int right, const char *what, int line) {
  if (thrown != NULL) fprintf(stderr, "thrown: %s\n", thrown->text);
  if (right) return;
  fprintf(stderr, "line %d: not so: %s\n", line, what), exit(1);
}
#define CHECK(condition) check_that(!!(condition), #condition, __LINE__)

static napi_value on_settled(napi_env e, napi_callback_info i) { return NULL; }
static volatile sig_atomic_t terminated;
static void on_term(int signal) { terminated = 1; }

int main(int argc, char **argv) {
  void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) return fprintf(stderr, "%s\n", dlerror()), 1;
  napi_value (*init)(napi_env, napi_value) = (napi_value(*)(napi_env, napi_value))dlsym(library, "napi_register_module_v1");
  exports = V(init(NULL, (napi_value)make(napi_object)));
  CHECK(exports != NULL);

  Value *fd = CALL("createMemory", number(8192), text("musl"));
  CHECK(fd && CALL("descriptorSize", fd)->number == 8192);
  CALL("resizeMemory", fd, number(16384));
  CHECK(CALL("descriptorSize", fd)->number == 16384);
  CALL("discardMemory", fd, number(0), number(4096));
  CHECK(thrown == NULL);
  CHECK(CALL("closeDescriptor", number(12345)) == NULL && strstr(thrown->text, "close fd 12345"));
  thrown = NULL;
  Value *shm = CALL("openSharedMemory", text("mp-musl-smoke"), TRUE_VALUE, TRUE_VALUE, FALSE_VALUE, FALSE_VALUE, number(0600));
  CHECK(shm != NULL);
  CALL("unlinkSharedMemory", text("mp-musl-smoke"));
  CHECK(thrown == NULL);

  Value *bell = CALL("createDoorbell", fd);
  CALL("ringDoorbell", bell);
  CHECK(CALL("pollTwoSync", bell, number(1), number(-1), number(0), number(1000))->number == 1);
  CHECK(CALL("silenceDoorbell", bell)->number == 1);
  CHECK(CALL("pollTwoSync", bell, number(1), number(-1), number(0), number(10))->number == 0);

  Value *pair = CALL("socketPair", fd);
  Value *list = make(napi_object);
  for (int i = 0; i < 253; i++) list->items[list->count++] = i % 2 ? bell : fd;
  CHECK(CALL("sendDescriptors", pair->items[0], number(77), list)->number == 1);
  Value *packet = CALL("receiveDescriptors", pair->items[1]);
  CHECK(packet && packet->items[0]->number == 77 && packet->items[1]->count == 253);
  CHECK(CALL("descriptorSize", packet->items[1]->items[252])->number == 16384);
  CHECK(strcmp(CALL("receiveDescriptors", pair->items[1])->text, "empty") == 0);
  CHECK(CALL("isHungUp", pair->items[1])->number == 0);

  const pid_t child = fork();
  if (child == 0) _exit(9);
  CHECK(CALL("processStartTime", number(getpid()))->number > 0);
  Value *pidfd = CALL("openProcess", number(child));
  CHECK(CALL("waitChildSync", pidfd, number(10000))->number == 9);
  int status;
  CHECK(waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 9);
  CHECK(CALL("waitChildSync", pidfd, number(0))->number == -2);

  /* Threads: the waiters of promises, both ways, and the watchdog. */
  Value *words = make(napi_object);
  words->words = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_SHARED, (int)fd->number, 0);
  CHECK(CALL("futexWaitSync", words, number(0), number(0), number(10))->number == 2);
  Value *callback = make(napi_function);
  callback->call = on_settled;
  CALL("futexOnSettled", callback);
  for (int round = 0; round < 2; round++) {
    for (int i = 0; i < 100; i++) CHECK(CALL("futexWait", words, number(i), number(round), number(20000), TRUE_VALUE)->number >= 0);
    for (int i = 0; i < 100; i++) {
      __atomic_store_n(&words->words[i], round + 1, __ATOMIC_SEQ_CST);
      CALL("futexWake", words, number(i), number(1));
    }
    for (int settled = 0; settled < 100;) {
      char byte;
      CHECK(read(async_pipe[0], &byte, 1) == 1);
      async_callback(async_handle);
      for (double packed; (packed = CALL("futexTake", fd)->number) >= 0; settled++) CHECK((int)packed % 4 <= 1);
    }
    CALL("futexWithoutWaitv", fd);
  }

  signal(SIGTERM, on_term);
  Value *stop = CALL("endWithParent", pair->items[1], number(60000));
  CHECK(stop != NULL);
  CALL("closeDescriptor", pair->items[0]);
  for (int i = 0; i < 1000 && !terminated; i++) poll(NULL, 0, 10);
  CHECK(terminated);
  struct napi_callback_info__ info = {.data = stop->data};
  stop->call(NULL, &info);
  puts("works with musl");
  return 0;
}
