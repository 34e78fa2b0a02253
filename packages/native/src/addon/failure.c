#include "failure.h"

#include <errno.h>
#include <stdio.h>
#include <uv.h>

typedef struct Subject {
  const char *property; /* NULL: nobody in particular */
  int64_t number;
  const char *text; /* instead of the number */
} Subject;

static bool set_number(napi_env env, napi_value error, const char *name, int64_t number) {
  napi_value value;
  return napi_create_int64(env, number, &value) == napi_ok &&
         napi_set_named_property(env, error, name, value) == napi_ok;
}

static bool set_text(napi_env env, napi_value error, const char *name, const char *text) {
  napi_value value;
  return napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value) == napi_ok &&
         napi_set_named_property(env, error, name, value) == napi_ok;
}

static napi_value fail_with(napi_env env, int number, const char *syscall, Subject subject) {
  char name[64], meaning[128], message[768];
  uv_err_name_r(-number, name, sizeof name);
  uv_strerror_r(-number, meaning, sizeof meaning);
  if (subject.property == NULL) {
    snprintf(message, sizeof message, "%s: %s, %s", name, meaning, syscall);
  } else if (subject.text != NULL) {
    snprintf(message, sizeof message, "%s: %s, %s '%s'", name, meaning, syscall, subject.text);
  } else {
    snprintf(message, sizeof message, "%s: %s, %s %s %lld", name, meaning, syscall, subject.property,
             (long long)subject.number);
  }

  napi_value code, text, error;
  if (napi_create_string_utf8(env, name, NAPI_AUTO_LENGTH, &code) == napi_ok &&
      napi_create_string_utf8(env, message, NAPI_AUTO_LENGTH, &text) == napi_ok &&
      napi_create_error(env, code, text, &error) == napi_ok && set_number(env, error, "errno", -number) &&
      set_text(env, error, "syscall", syscall)) {
    bool complete = true;
    if (subject.property != NULL) {
      complete = subject.text != NULL ? set_text(env, error, subject.property, subject.text)
                                      : set_number(env, error, subject.property, subject.number);
    }
    if (complete && napi_throw(env, error) == napi_ok) return NULL;
  }
  return fail_status(env, napi_generic_failure);
}

napi_value fail(napi_env env, int number, const char *syscall) {
  return fail_with(env, number, syscall, (Subject){NULL, 0, NULL});
}

napi_value fail_descriptor(napi_env env, int number, const char *syscall, int fd) {
  return fail_with(env, number, syscall, (Subject){"fd", fd, NULL});
}

napi_value fail_path(napi_env env, int number, const char *syscall, const char *path) {
  return fail_with(env, number, syscall, (Subject){"path", 0, path});
}

napi_value fail_process(napi_env env, int number, const char *syscall, int64_t pid) {
  return fail_with(env, number, syscall, (Subject){"pid", pid, NULL});
}

napi_value fail_memory(napi_env env) { return fail(env, ENOMEM, "malloc"); }

napi_value fail_status(napi_env env, napi_status status) {
  const napi_extended_error_info *info = NULL;
  napi_get_last_error_info(env, &info);
  bool pending = false;
  if (napi_is_exception_pending(env, &pending) == napi_ok && pending) return NULL;
  char message[256];
  snprintf(message, sizeof message, "Node-API call failed with status %d: %s", (int)status,
           info != NULL && info->error_message != NULL ? info->error_message : "no details");
  napi_throw_error(env, "ERR_MP_NODE_API", message);
  return NULL;
}
