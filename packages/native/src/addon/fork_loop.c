/*
 * The event loop of a child: a new epoll instance, and every handle of the parent inert.
 *
 * A handle cannot be closed here, as JavaScript objects have it. Instead its descriptor is replaced by one that is
 * never ready, tells of no end, and cannot be written to: the reading end of a pipe whose writing end stays open. What
 * the child then does to the parent's socket, writing, ending, closing, touches nothing that is shared. Handles over
 * the three standard descriptors, and terminals, keep them, as both processes print there; they only stop reading.
 *
 *   TCP, PIPE, UDP, POLL    another descriptor; polls stop
 *   TTY                     stops reading
 *   FS_EVENT, FS_POLL       stop
 *   TIMER                   stays: one of them is for all timers of JavaScript, which src/fork/timers.ts clears, others
 *                           are V8's, which go on in the child
 *   CHECK, IDLE, PREPARE    stay: immediates
 *   ASYNC                   stays, unreferenced; what was sent is forgotten, but for those that nobody waits for, such
 *                           as that of V8's tasks for the main thread
 *   PROCESS, SIGNAL         unreferenced
 *
 * Results that were ready and not handed over (work of the thread pool, closed handles, streams) belong to the parent;
 * so do the requests that are counted as under way. They are forgotten, so that the child's loop can end. That is
 * possible because a fork is called from an immediate, between two phases of the loop, when these queues are at rest.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

#include "fork.h"
#include "system.h"

int loop_prepare(InertPipe *pipe) { return syscall(SYS_pipe2, pipe->ends, O_CLOEXEC | O_NONBLOCK) == 0 ? 0 : errno; }

void loop_finish(const InertPipe *pipe) {
  close(pipe->ends[0]);
  close(pipe->ends[1]);
}

/* struct uv__queue, which has been two pointers under various names. */
typedef struct Link {
  struct Link *next, *previous;
} Link;

static void forget_all(void *queue) {
  Link *head = queue;
  while (head->next != head) {
    Link *link = head->next;
    link->previous->next = link->next;
    link->next->previous = link->previous;
    link->next = link->previous = link;
  }
}

typedef struct Replacement {
  int descriptor;
  size_t uses;
  int failure;
} Replacement;

static void make_inert(uv_handle_t *handle, void *data) {
  Replacement *inert = data;
  switch (handle->type) {
    case UV_TIMER:
    case UV_CHECK:
    case UV_IDLE:
    case UV_PREPARE:
      return;
    case UV_FS_EVENT:
      uv_fs_event_stop((uv_fs_event_t *)handle);
      break;
    case UV_FS_POLL:
      uv_fs_poll_stop((uv_fs_poll_t *)handle);
      break;
    case UV_TTY:
      uv_read_stop((uv_stream_t *)handle);
      break;
    case UV_POLL:
      if (handle->data == &poll_handle_mark) return; /* poll_handle.c stops them. */
      /* fall through */
    case UV_TCP:
    case UV_NAMED_PIPE:
    case UV_UDP: {
      uv_os_fd_t fd;
      const bool open = uv_fileno(handle, &fd) == 0;
      if (handle->type == UV_POLL && !uv_is_closing(handle)) uv_poll_stop((uv_poll_t *)handle);
      if (!open) break;
      if (fd > STDERR_FILENO) {
        if (syscall(SYS_dup3, inert->descriptor, fd, O_CLOEXEC) < 0) inert->failure = errno;
        inert->uses++;
      } else if (handle->type == UV_TCP || handle->type == UV_NAMED_PIPE) {
        uv_read_stop((uv_stream_t *)handle);
      }
      break;
    }
    default:
      break;
  }
  uv_unref(handle);
}

static void look_for_output(uv_handle_t *handle, void *data) {
  if (handle->type != UV_TTY && handle->type != UV_NAMED_PIPE && handle->type != UV_TCP) return;
  uv_os_fd_t fd;
  if (uv_fileno(handle, &fd) != 0 || (handle->type != UV_TTY && fd > STDERR_FILENO)) return;
  if (uv_stream_get_write_queue_size((uv_stream_t *)handle) > 0) *(bool *)data = true;
}

bool loop_is_printing(uv_loop_t *loop) {
  bool printing = false;
  uv_walk(loop, look_for_output, &printing);
  return printing;
}

static void count_busy(uv_handle_t *handle, void *data) {
  size_t *counts = data;
  if (uv_is_active(handle) && uv_has_ref(handle)) counts[handle->type == UV_IDLE]++;
}

bool loop_is_busy(uv_loop_t *loop) {
  size_t counts[2] = {0, 0};
  uv_walk(loop, count_busy, counts);
  /* Node keeps an idle handle active as long as an immediate runs. */
  return counts[0] > 0 || counts[1] > 1 || loop->active_reqs.count > 0 || loop->closing_handles != NULL;
}

typedef struct Wakes {
  uv_async_t **handles;
  size_t count, capacity;
} Wakes;

/* What was sent to nobody in particular: unreferenced handles are those of Node, V8 and ourselves. */
static void collect_wake(uv_handle_t *handle, void *data) {
  Wakes *wakes = data;
  if (handle->type != UV_ASYNC || uv_has_ref(handle) || uv_is_closing(handle)) return;
  uv_async_t *async = (uv_async_t *)handle;
  if (async->pending == 0) return;
  if (wakes->count == wakes->capacity) {
    const size_t capacity = wakes->capacity == 0 ? 16 : wakes->capacity * 2;
    uv_async_t **larger = realloc(wakes->handles, capacity * sizeof *larger);
    if (larger == NULL) return;
    wakes->handles = larger;
    wakes->capacity = capacity;
  }
  wakes->handles[wakes->count++] = async;
}

const char *loop_renew(uv_loop_t *loop, const InertPipe *pipe, int *number) {
  Wakes wakes = {0};
  uv_walk(loop, collect_wake, &wakes);
  /* Closes the epoll instance, which is shared with the parent, before anything is taken out of it. */
  *number = -uv_loop_fork(loop);
  if (*number != 0) return "uv_loop_fork";
  forget_all(&loop->wq);
  forget_all(&loop->pending_queue);
  loop->closing_handles = NULL;
  loop->active_reqs.count = 0;
  Replacement inert = {.descriptor = pipe->ends[0]};
  uv_walk(loop, make_inert, &inert);
  *number = inert.failure;
  if (*number != 0) return "dup3";
  close(pipe->ends[0]);
  if (inert.uses == 0) close(pipe->ends[1]);
  for (size_t i = 0; i < wakes.count; i++) uv_async_send(wakes.handles[i]);
  free(wakes.handles);
  return NULL;
}
