import multiprocessing


def square(x):
    return x * x


class ApplyAsync:
    def __init__(self, sizes):
        self.sizes = sizes
        self.pool = multiprocessing.get_context("spawn").Pool(sizes["workers"])

    def run(self, count):
        results = [self.pool.apply_async(square, (i,)) for i in range(count)]
        return sum(result.get() for result in results)

    def warm(self):
        self.run(self.sizes["warmUpCalls"])

    def round(self):
        from time import perf_counter

        started = perf_counter()
        total = self.run(self.sizes["calls"])
        return {"seconds": perf_counter() - started, "operations": self.sizes["calls"], "sum": total}

    def close(self):
        self.pool.close()
        self.pool.join()


if __name__ == "__main__":
    from protocol import serve

    serve(ApplyAsync)
