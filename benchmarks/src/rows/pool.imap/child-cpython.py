import multiprocessing


def square(x):
    return x * x


class Imap:
    def __init__(self, sizes):
        self.items = list(range(sizes["items"]))
        self.pool = multiprocessing.get_context("spawn").Pool(sizes["workers"])

    def round(self):
        from time import perf_counter

        total = 0
        count = 0
        started = perf_counter()
        for value in self.pool.imap(square, self.items):
            total += value
            count += 1
        return {"seconds": perf_counter() - started, "operations": count, "sum": total}

    def close(self):
        self.pool.close()
        self.pool.join()


if __name__ == "__main__":
    from protocol import serve

    serve(Imap)
