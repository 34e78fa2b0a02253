import multiprocessing


def square(x):
    return x * x


class Map:
    def __init__(self, sizes):
        self.items = list(range(sizes["items"]))
        self.pool = multiprocessing.get_context("spawn").Pool(sizes["workers"])

    def round(self):
        from time import perf_counter

        started = perf_counter()
        squares = self.pool.map(square, self.items)
        seconds = perf_counter() - started
        return {"seconds": seconds, "operations": len(squares), "sum": sum(value % 1_000_003 for value in squares)}

    def close(self):
        self.pool.close()
        self.pool.join()


if __name__ == "__main__":
    from protocol import serve

    serve(Map)
