/* Native threads: detached, small, named, and with every signal blocked, so that Node's handling of them is as ever. */
#ifndef MP_THREAD_H
#define MP_THREAD_H

#include <stddef.h>

/* 0, or the error number. The thread must call thread_name first. */
int thread_start(void *(*run)(void *), void *data);

/* The same, with a stack of so many bytes, for what is not ours. */
int thread_start_large(void *(*run)(void *), void *data, size_t stack);

/* At most 15 characters; seen by `top -H` and in /proc/<pid>/task/<tid>/comm. */
void thread_name(const char *name);

#endif
