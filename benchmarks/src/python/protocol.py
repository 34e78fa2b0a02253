"""The program's side of what is said between it and the harness; child-run.ts is the same for Node."""

import json
import sys


def say(answer):
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def serve(program):
    """Serves a class: made with the sizes; has round(), close(), and warm() if a round is not the right warm-up."""
    session = program(json.loads(sys.argv[1]))
    warm = getattr(session, "warm", session.round)
    say({"ready": True})
    # Not `for line in sys.stdin`, which reads ahead.
    for command in iter(sys.stdin.readline, ""):
        if command == "warm\n":
            warm()
            say({"ready": True})
        elif command == "round\n":
            say({"report": session.round()})
        else:
            raise ValueError(f"There is no command {command!r}; there are warm and round.")
    session.close()
