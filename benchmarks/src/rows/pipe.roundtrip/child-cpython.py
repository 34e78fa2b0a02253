import multiprocessing

TEXT = "abcdefghij" * 4


def echo(connection):
    while (message := connection.recv()) is not None:
        connection.send(message)


class Echo:
    def __init__(self, sizes):
        self.messages = sizes["messages"]
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=echo, args=(theirs,))
        self.process.start()
        theirs.close()

    def round(self):
        from time import perf_counter

        connection = self.connection
        total = 0
        started = perf_counter()
        for i in range(self.messages):
            connection.send([i, TEXT])
            index, text = connection.recv()
            total += index + len(text)
        return {"seconds": perf_counter() - started, "operations": self.messages, "sum": total}

    def close(self):
        self.connection.send(None)
        self.process.join()


if __name__ == "__main__":
    from protocol import serve

    serve(Echo)
