/** What child_process forks and worker_threads starts: nothing at all. */
export {};
