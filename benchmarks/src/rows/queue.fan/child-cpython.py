import multiprocessing

SUM = -1
END = -2


def produce(counts, queue):
    while (count := counts.get()) != END:
        for i in range(count):
            queue.put(i)
        queue.put(SUM)


def consume(queue, told, go_on):
    total = 0
    while (message := queue.get()) != END:
        if message == SUM:
            told.put(total)
            total = 0
            go_on.get()
        else:
            total += message


class Fan:
    def __init__(self, sizes):
        self.messages = sizes["messages"]
        self.producers = sizes["producers"]
        self.consumers = sizes["consumers"]
        context = multiprocessing.get_context("spawn")
        self.counts = context.Queue()
        self.queue = context.Queue()
        self.told = context.Queue()
        self.go_on = context.Queue()
        self.processes = [
            context.Process(target=produce, args=(self.counts, self.queue)) for _ in range(self.producers)
        ] + [context.Process(target=consume, args=(self.queue, self.told, self.go_on)) for _ in range(self.consumers)]
        for process in self.processes:
            process.start()

    def round(self):
        from time import perf_counter

        total = 0
        started = perf_counter()
        for _ in range(self.producers):
            self.counts.put(self.messages // self.producers)
        for _ in range(self.consumers):
            total += self.told.get()
        seconds = perf_counter() - started
        for _ in range(self.consumers):
            self.go_on.put(0)
        return {"seconds": seconds, "operations": self.messages, "sum": total}

    def close(self):
        for _ in range(self.producers):
            self.counts.put(END)
        for _ in range(self.consumers):
            self.queue.put(END)
        for process in self.processes:
            process.join()


if __name__ == "__main__":
    from protocol import serve

    serve(Fan)
