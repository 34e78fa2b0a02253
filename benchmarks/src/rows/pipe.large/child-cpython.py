import multiprocessing


def echo(connection):
    while data := connection.recv_bytes():
        connection.send_bytes(data)


class Large:
    def __init__(self, sizes):
        text = b"the bytes that are sent "
        self.sent = (text * (sizes["bytes"] // len(text) + 1))[: sizes["bytes"]]
        self.echoes = sizes["echoes"]
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=echo, args=(theirs,))
        self.process.start()
        theirs.close()

    def round(self):
        from time import perf_counter

        connection, sent = self.connection, self.sent
        started = perf_counter()
        for _ in range(self.echoes):
            connection.send_bytes(sent)
            received = connection.recv_bytes()
        seconds = perf_counter() - started
        return {
            "seconds": seconds,
            "operations": self.echoes,
            "bytes": len(received),
            "different": int(received != sent),
        }

    def close(self):
        self.connection.send_bytes(b"")
        self.process.join()


if __name__ == "__main__":
    from protocol import serve

    serve(Large)
