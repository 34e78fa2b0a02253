/*
 * Arguments of a call. Each take_ function returns false after it threw: TypeError ERR_INVALID_ARG_TYPE for the wrong
 * kind, TypeError ERR_INVALID_ARG_VALUE for text that cannot be used, RangeError ERR_OUT_OF_RANGE for a number that is
 * not an integer of the range; the message begins with the name of the argument.
 */
#ifndef MP_ARGUMENTS_H
#define MP_ARGUMENTS_H

#include "module.h"

/* `Number.MAX_SAFE_INTEGER`: the largest size or offset that can be asked for. */
#define LARGEST_INTEGER 9007199254740991LL

/* Fills `argv` (missing ones are undefined), and leaves the callback if that fails. */
#define ARGUMENTS(env, info, count)                                        \
  napi_value argv[count];                                                  \
  do {                                                                     \
    size_t argument_count = (count);                                       \
    CHECK(env, napi_get_cb_info(env, info, &argument_count, argv, NULL, NULL)); \
  } while (0)

bool take_integer(napi_env env, napi_value value, const char *name, int64_t min, int64_t max, int64_t *out);
bool take_descriptor(napi_env env, napi_value value, const char *name, int *out);
/* Also -1, for "none". */
bool take_optional_descriptor(napi_env env, napi_value value, const char *name, int *out);
bool take_boolean(napi_env env, napi_value value, const char *name, bool *out);
/* Text without NUL of `min` to `capacity - 1` bytes of UTF-8; terminated. */
bool take_text(napi_env env, napi_value value, const char *name, size_t min, char *buffer, size_t capacity);
bool take_function(napi_env env, napi_value value, const char *name);

typedef struct Words {
  int32_t *data;
  size_t length;
} Words;

/* An Int32Array, over whatever memory. */
bool take_words(napi_env env, napi_value value, const char *name, Words *out);

/* One element of an Int32Array: arguments "words" and "index". */
bool take_word(napi_env env, napi_value words, napi_value index, int32_t **out);

/* Throw on behalf of `name`; `reason` completes "The … argument ". */
void refuse_type(napi_env env, napi_value value, const char *name, const char *expected);
void refuse_value(napi_env env, const char *name, const char *reason);
void refuse_range(napi_env env, const char *name, const char *expected, double received);

#endif
