import multiprocessing


def square(x):
    return x * x


class Apply:
    def __init__(self, sizes):
        self.calls = sizes["calls"]
        self.pool = multiprocessing.get_context("spawn").Pool(sizes["workers"])

    def round(self):
        from time import perf_counter

        pool = self.pool
        total = 0
        started = perf_counter()
        for i in range(self.calls):
            total += pool.apply(square, (i,))
        return {"seconds": perf_counter() - started, "operations": self.calls, "sum": total}

    def close(self):
        self.pool.close()
        self.pool.join()


if __name__ == "__main__":
    from protocol import serve

    serve(Apply)
