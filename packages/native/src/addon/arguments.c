#include "arguments.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "failure.h"

static const char *kind_of(napi_env env, napi_value value) {
  napi_valuetype type;
  if (napi_typeof(env, value, &type) != napi_ok) return "a value of unknown type";
  switch (type) {
    case napi_undefined: return "undefined";
    case napi_null: return "null";
    case napi_boolean: return "type boolean";
    case napi_number: return "type number";
    case napi_string: return "type string";
    case napi_symbol: return "type symbol";
    case napi_function: return "type function";
    case napi_bigint: return "type bigint";
    default: return "an object";
  }
}

void refuse_type(napi_env env, napi_value value, const char *name, const char *expected) {
  char message[256];
  snprintf(message, sizeof message, "The \"%s\" argument must be %s. Received %s", name, expected,
           kind_of(env, value));
  napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", message);
}

void refuse_value(napi_env env, const char *name, const char *reason) {
  char message[384];
  snprintf(message, sizeof message, "The \"%s\" argument %s", name, reason);
  napi_throw_type_error(env, "ERR_INVALID_ARG_VALUE", message);
}

void refuse_range(napi_env env, const char *name, const char *expected, double received) {
  char message[384];
  char number[32];
  snprintf(number, sizeof number, "%.17g", received);
  snprintf(message, sizeof message, "The value of \"%s\" is out of range. It must be %s. Received %s", name, expected,
           received != received ? "NaN" : number);
  napi_throw_range_error(env, "ERR_OUT_OF_RANGE", message);
}

bool take_integer(napi_env env, napi_value value, const char *name, int64_t min, int64_t max, int64_t *out) {
  double number;
  if (napi_get_value_double(env, value, &number) != napi_ok) {
    refuse_type(env, value, name, "of type number");
    return false;
  }
  /* In this order: the conversion of NaN or of a number too large for int64_t is undefined. */
  if (number >= (double)min && number <= (double)max && (double)(int64_t)number == number) {
    *out = (int64_t)number;
    return true;
  }
  char expected[96];
  snprintf(expected, sizeof expected, "an integer >= %lld and <= %lld", (long long)min, (long long)max);
  refuse_range(env, name, expected, number);
  return false;
}

bool take_descriptor(napi_env env, napi_value value, const char *name, int *out) {
  int64_t number;
  if (!take_integer(env, value, name, 0, INT_MAX, &number)) return false;
  *out = (int)number;
  return true;
}

bool take_optional_descriptor(napi_env env, napi_value value, const char *name, int *out) {
  int64_t number;
  if (!take_integer(env, value, name, -1, INT_MAX, &number)) return false;
  *out = (int)number;
  return true;
}

bool take_boolean(napi_env env, napi_value value, const char *name, bool *out) {
  if (napi_get_value_bool(env, value, out) == napi_ok) return true;
  refuse_type(env, value, name, "of type boolean");
  return false;
}

bool take_text(napi_env env, napi_value value, const char *name, size_t min, char *buffer, size_t capacity) {
  size_t length;
  if (napi_get_value_string_utf8(env, value, NULL, 0, &length) != napi_ok) {
    refuse_type(env, value, name, "of type string");
    return false;
  }
  if (length < min) {
    refuse_value(env, name, "must not be empty");
    return false;
  }
  if (length >= capacity) {
    char reason[96];
    snprintf(reason, sizeof reason, "must not be longer than %zu bytes of UTF-8. Received %zu", capacity - 1, length);
    refuse_value(env, name, reason);
    return false;
  }
  CHECK_OR(env, napi_get_value_string_utf8(env, value, buffer, capacity, &length), false);
  if (memchr(buffer, 0, length) != NULL) {
    refuse_value(env, name, "must not contain a NUL character");
    return false;
  }
  return true;
}

bool take_function(napi_env env, napi_value value, const char *name) {
  napi_valuetype type;
  CHECK_OR(env, napi_typeof(env, value, &type), false);
  if (type == napi_function) return true;
  refuse_type(env, value, name, "of type function");
  return false;
}

bool take_words(napi_env env, napi_value value, const char *name, Words *out) {
  napi_typedarray_type type;
  void *data;
  bool is_typedarray = false;
  if (napi_is_typedarray(env, value, &is_typedarray) != napi_ok || !is_typedarray ||
      napi_get_typedarray_info(env, value, &type, &out->length, &data, NULL, NULL) != napi_ok ||
      type != napi_int32_array) {
    refuse_type(env, value, name, "an Int32Array");
    return false;
  }
  out->data = data;
  return true;
}

bool take_word(napi_env env, napi_value words, napi_value index, int32_t **out) {
  Words array;
  int64_t place;
  if (!take_words(env, words, "words", &array)) return false;
  if (array.length == 0) {
    refuse_value(env, "words", "must not be empty: perhaps its memory was unmapped");
    return false;
  }
  if (!take_integer(env, index, "index", 0, (int64_t)array.length - 1, &place)) return false;
  *out = array.data + place;
  return true;
}
