from multiprocessing.sharedctypes import RawArray


class Sum:
    def __init__(self, sizes):
        self.elements = sizes["elements"]
        self.rounds = sizes["rounds"]
        self.array = RawArray("d", range(self.elements))

    def round(self):
        from time import perf_counter

        array = self.array
        total = 0.0
        started = perf_counter()
        for _ in range(self.rounds):
            part = 0.0
            for i in range(self.elements):
                part += array[i]
            total += part
        return {"seconds": perf_counter() - started, "operations": self.elements * self.rounds, "sum": total}

    def close(self):
        pass


if __name__ == "__main__":
    from protocol import serve

    serve(Sum)
