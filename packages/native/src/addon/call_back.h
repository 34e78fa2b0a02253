/* A call of JavaScript from the event loop. */
#ifndef MP_CALL_BACK_H
#define MP_CALL_BACK_H

#include "module.h"

/* Calls `function` with one integer, and runs promise jobs and nextTicks after it. What it throws is uncaught.
   Its `this` is an object of its own: Node asks that for a `domain` to enter, and the global object of the prompt has
   the module of that name. */
static inline void call_function(napi_env env, napi_value function, int32_t argument) {
  napi_value receiver, value, result;
  if (napi_create_object(env, &receiver) == napi_ok && napi_create_int32(env, argument, &value) == napi_ok &&
      napi_make_callback(env, NULL, receiver, function, 1, &value, &result) == napi_pending_exception) {
    napi_value exception;
    if (napi_get_and_clear_last_exception(env, &exception) == napi_ok) napi_fatal_exception(env, exception);
  }
}

/* The same for a function that is held by a reference; nothing is done when it is gone. */
static inline void call_back(napi_env env, napi_ref callback, int32_t argument) {
  napi_handle_scope scope;
  napi_value function;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  if (napi_get_reference_value(env, callback, &function) == napi_ok && function != NULL) {
    call_function(env, function, argument);
  }
  napi_close_handle_scope(env, scope);
}

/* The same for a method of an object that is held by a reference. */
static inline void call_method(napi_env env, napi_ref object, const char *name, int32_t argument) {
  napi_handle_scope scope;
  napi_value target, function;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  if (napi_get_reference_value(env, object, &target) == napi_ok && target != NULL &&
      napi_get_named_property(env, target, name, &function) == napi_ok) {
    call_function(env, function, argument);
  }
  napi_close_handle_scope(env, scope);
}

#endif
