import multiprocessing

KEYS = 100


class Call:
    def __init__(self, sizes):
        self.calls = sizes["calls"]
        self.manager = multiprocessing.get_context("spawn").Manager()
        self.dict = self.manager.dict({i: i for i in range(KEYS)})

    def round(self):
        from time import perf_counter

        get = self.dict.get
        total = 0
        started = perf_counter()
        for i in range(self.calls):
            total += get(i % KEYS)
        return {"seconds": perf_counter() - started, "operations": self.calls, "sum": total}

    def close(self):
        self.manager.shutdown()


if __name__ == "__main__":
    from protocol import serve

    serve(Call)
