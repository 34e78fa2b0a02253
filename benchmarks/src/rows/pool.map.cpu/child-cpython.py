import multiprocessing


def burn(task):
    x, steps = task
    for _ in range(steps):
        x = (x * 1_664_525 + 1_013_904_223) & 0xFFFFFFFF
    return x


def calibrate(milliseconds):
    from time import perf_counter

    steps = 100_000
    while True:
        started = perf_counter()
        burn((0, steps))
        elapsed = (perf_counter() - started) * 1000
        if elapsed >= milliseconds / 2:
            return round(steps * milliseconds / elapsed)
        steps *= 2


class Cpu:
    def __init__(self, sizes):
        self.sizes = sizes
        context = multiprocessing.get_context("spawn")
        self.one = context.Pool(1)
        self.all = context.Pool(sizes["workers"])
        self.steps = calibrate(sizes["taskMilliseconds"])

    def run(self, pool, count):
        from time import perf_counter

        tasks = [(seed, self.steps) for seed in range(count)]
        started = perf_counter()
        results = pool.map(burn, tasks)
        return perf_counter() - started, sum(results)

    def warm(self):
        self.run(self.one, 2)
        self.run(self.all, 2 * self.sizes["workers"])

    def round(self):
        alone, sum_alone = self.run(self.one, self.sizes["aloneTasks"])
        together, sum_together = self.run(self.all, self.sizes["tasks"])
        return {
            "alone": alone,
            "together": together,
            "aloneTasks": self.sizes["aloneTasks"],
            "tasks": self.sizes["tasks"],
            "steps": self.steps,
            "sum": sum_alone + sum_together,
        }

    def close(self):
        for pool in (self.one, self.all):
            pool.close()
            pool.join()


if __name__ == "__main__":
    from protocol import serve

    serve(Cpu)
