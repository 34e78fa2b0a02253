import multiprocessing


def fill(task):
    byte, size = task
    return bytes((byte,)) * size


class Large:
    def __init__(self, sizes):
        self.tasks = [(i, sizes["bytes"]) for i in range(sizes["tasks"])]
        self.pool = multiprocessing.get_context("spawn").Pool(sizes["workers"])

    def round(self):
        from time import perf_counter

        started = perf_counter()
        results = self.pool.map(fill, self.tasks)
        seconds = perf_counter() - started
        return {
            "seconds": seconds,
            "operations": len(results),
            "bytes": sum(len(result) for result in results),
            "sum": sum(result[0] + result[len(result) // 2] + result[-1] for result in results),
        }

    def close(self):
        self.pool.close()
        self.pool.join()


if __name__ == "__main__":
    from protocol import serve

    serve(Large)
