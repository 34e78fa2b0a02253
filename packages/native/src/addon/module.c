#include "module.h"

#include <stdlib.h>
#include <uv.h>

#include "failure.h"

/*
 * The version of Node-API that this module asks for: "experimental", for one thing only. With it, finalizers run in
 * the collection that found the object dead; otherwise Node postpones them to the event loop, and a program that stays
 * in synchronous code would never give a lease back (see lease.c). Such a finalizer must not touch JavaScript, and
 * ours do not. Seen to work with Node 20, 22, 24 and 26; a Node that stops doing so only postpones again.
 * Everything else here is compiled against the stable version 9.
 */
#define VERSION_WITH_PROMPT_FINALIZERS INT32_MAX

NAPI_MODULE_EXPORT int32_t node_api_module_get_api_version_v1(void) { return VERSION_WITH_PROMPT_FINALIZERS; }

Instance *instance_of(napi_env env) {
  void *data = NULL;
  napi_get_instance_data(env, &data);
  return data;
}

static void finish_teardown(Instance *instance) {
  napi_remove_async_cleanup_hook(instance->teardown);
}

void instance_handle_closed(Instance *instance) {
  if (--instance->closing == 0 && instance->ending) finish_teardown(instance);
}

/* The environment ends, perhaps with handles open and promises pending. Its loop runs on until they are closed. */
static void on_teardown(napi_async_cleanup_hook_handle handle, void *data) {
  (void)handle;
  Instance *instance = data;
  instance->ending = true;
  instance->closing++; /* Held while we close, so that the last callback cannot come too early. */
  poll_handles_close(instance);
  futex_promises_end(instance);
  instance_handle_closed(instance);
}

/* The very last: finalizers of the environment's objects may run before it or after it. */
static void on_instance_gone(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  Instance *instance = data;
  mapping_forget(instance);
  free(instance);
}

static bool add_functions(napi_env env, napi_value exports, const Function *functions) {
  for (const Function *f = functions; f->name != NULL; f++) {
    napi_value value;
    CHECK_OR(env, napi_create_function(env, f->name, NAPI_AUTO_LENGTH, f->call, NULL, &value), false);
    CHECK_OR(env, napi_set_named_property(env, exports, f->name, value), false);
  }
  return true;
}

NAPI_MODULE_EXPORT napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  Instance *instance = calloc(1, sizeof *instance);
  if (instance == NULL) return fail_memory(env);
  instance->env = env;
  napi_status status = napi_get_uv_event_loop(env, &instance->loop);
  if (status == napi_ok) status = napi_set_instance_data(env, instance, on_instance_gone, NULL);
  if (status != napi_ok) {
    free(instance);
    return fail_status(env, status);
  }
  CHECK(env, napi_add_async_cleanup_hook(env, on_teardown, instance, &instance->teardown));

  static const Function *const tables[] = {
      descriptor_functions, memory_functions, mapping_functions, doorbell_functions,      socket_functions,
      stream_functions,     poll_functions,   futex_functions,   futex_promise_functions, process_functions,  watchdog_functions,
      fork_functions,
  };
  for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
    if (!add_functions(env, exports, tables[i])) return NULL;
  }
  if (!mapping_define(env, exports, instance)) return NULL;
  if (!poll_handle_define(env, exports)) return NULL;
  return exports;
}
