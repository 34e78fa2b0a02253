import multiprocessing


class Increment:
    def __init__(self, sizes):
        self.times = sizes["times"]
        self.value = multiprocessing.get_context("spawn").Value("i", 0)

    def round(self):
        from time import perf_counter

        value = self.value
        value.value = 0
        started = perf_counter()
        for _ in range(self.times):
            with value.get_lock():
                value.value += 1
        return {"seconds": perf_counter() - started, "operations": self.times, "value": value.value}

    def close(self):
        pass


if __name__ == "__main__":
    from protocol import serve

    serve(Increment)
