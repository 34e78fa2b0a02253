/* A call of JavaScript from the event loop. */
#ifndef MP_CALL_BACK_H
#define MP_CALL_BACK_H

#include "module.h"

/*
 * Calls `callback` (a reference, weak or strong; nothing is done when its target is gone) with one integer, and runs
 * promise jobs and nextTicks after it. What it throws is an uncaught exception.
 */
static inline void call_back(napi_env env, napi_ref callback, int32_t argument) {
  napi_handle_scope scope;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  napi_value receiver, function, value, result;
  if (napi_get_global(env, &receiver) == napi_ok && napi_get_reference_value(env, callback, &function) == napi_ok &&
      function != NULL && napi_create_int32(env, argument, &value) == napi_ok &&
      napi_make_callback(env, NULL, receiver, function, 1, &value, &result) == napi_pending_exception) {
    napi_value exception;
    if (napi_get_and_clear_last_exception(env, &exception) == napi_ok) napi_fatal_exception(env, exception);
  }
  napi_close_handle_scope(env, scope);
}

#endif
