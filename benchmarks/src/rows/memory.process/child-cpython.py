import multiprocessing
import os


def memory_of(pid):
    with open(f"/proc/{pid}/smaps_rollup") as file:
        lines = dict(line.split(":", 1) for line in file if ":" in line and line.endswith(" kB\n"))
    return tuple(int(lines[name].split()[0]) * 1024 for name in ("Pss", "Rss"))


class Memory:
    def __init__(self, sizes):
        self.workers = sizes["workers"]
        self.context = multiprocessing.get_context("spawn")

    def warm(self):
        pass

    def round(self):
        import subprocess
        import sys
        from time import sleep

        with self.context.Pool(self.workers) as pool:
            worker = pool.apply(os.getpid)
            with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1e6)"]) as bare:
                sleep(0.4)
                bare_pss, bare_rss = memory_of(bare.pid)
                pss, rss = memory_of(worker)
                bare.kill()
        return {"pss": pss, "rss": rss, "barePss": bare_pss, "bareRss": bare_rss}

    def close(self):
        pass


if __name__ == "__main__":
    from protocol import serve

    serve(Memory)
