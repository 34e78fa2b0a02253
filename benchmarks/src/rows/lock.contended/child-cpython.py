import multiprocessing

PROCESSES = 2


def count(lock, barrier, over, counter, increments):
    while True:
        barrier.wait()
        if over.is_set():
            return
        for _ in range(increments):
            lock.acquire()
            counter.value += 1
            lock.release()
        barrier.wait()


class Contended:
    def __init__(self, sizes):
        self.increments = sizes["increments"]
        context = multiprocessing.get_context("spawn")
        self.barrier = context.Barrier(PROCESSES + 1)
        self.over = context.Event()
        self.counter = context.RawValue("i", 0)
        self.lock = context.Lock()
        arguments = (self.lock, self.barrier, self.over, self.counter, self.increments)
        self.processes = [context.Process(target=count, args=arguments) for _ in range(PROCESSES)]
        for process in self.processes:
            process.start()

    def round(self):
        from time import perf_counter

        before = self.counter.value
        self.barrier.wait()
        started = perf_counter()
        self.barrier.wait()
        seconds = perf_counter() - started
        counted = self.counter.value - before
        return {"seconds": seconds, "operations": PROCESSES * self.increments, "counted": counted}

    def close(self):
        self.over.set()
        self.barrier.wait()
        for process in self.processes:
            process.join()


if __name__ == "__main__":
    from protocol import serve

    serve(Contended)
