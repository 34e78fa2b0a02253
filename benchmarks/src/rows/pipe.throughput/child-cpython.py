import multiprocessing

TEXT = "abcdefghij" * 4


def add(connection):
    total = 0
    while (request := connection.recv()) != "end":
        if request == "sum":
            connection.send(total)
            total = 0
        else:
            total += request[0] + len(request[1])


class OneWay:
    def __init__(self, sizes):
        self.messages = sizes["messages"]
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=add, args=(theirs,))
        self.process.start()
        theirs.close()

    def round(self):
        from time import perf_counter

        connection = self.connection
        started = perf_counter()
        for i in range(self.messages):
            connection.send([i, TEXT])
        connection.send("sum")
        total = connection.recv()
        return {"seconds": perf_counter() - started, "operations": self.messages, "sum": total}

    def close(self):
        self.connection.send("end")
        self.process.join()


if __name__ == "__main__":
    from protocol import serve

    serve(OneWay)
