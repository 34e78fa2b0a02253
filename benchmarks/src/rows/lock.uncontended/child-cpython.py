import multiprocessing


class Uncontended:
    def __init__(self, sizes):
        self.pairs = sizes["pairs"]
        self.lock = multiprocessing.get_context("spawn").Lock()

    def round(self):
        from time import perf_counter

        lock = self.lock
        acquired = 0
        started = perf_counter()
        for _ in range(self.pairs):
            if lock.acquire():
                acquired += 1
            lock.release()
        return {"seconds": perf_counter() - started, "operations": self.pairs, "acquired": acquired}

    def close(self):
        pass


if __name__ == "__main__":
    from protocol import serve

    serve(Uncontended)
