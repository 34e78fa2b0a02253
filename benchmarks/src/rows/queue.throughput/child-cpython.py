import multiprocessing

SUM = -1
END = -2


def add(queue, sums):
    total = 0
    while (message := queue.get()) != END:
        if message == SUM:
            sums.put(total)
            total = 0
        else:
            total += message


class OneToOne:
    def __init__(self, sizes):
        self.messages = sizes["messages"]
        context = multiprocessing.get_context("spawn")
        self.queue = context.Queue()
        self.sums = context.Queue()
        self.process = context.Process(target=add, args=(self.queue, self.sums))
        self.process.start()

    def round(self):
        from time import perf_counter

        queue = self.queue
        started = perf_counter()
        for i in range(self.messages):
            queue.put(i)
        queue.put(SUM)
        total = self.sums.get()
        return {"seconds": perf_counter() - started, "operations": self.messages, "sum": total}

    def close(self):
        self.queue.put(END)
        self.process.join()


if __name__ == "__main__":
    from protocol import serve

    serve(OneToOne)
