"""`python -m mizan oracle`: answers the operations of the oracle on standard input and output."""
import io
import sys

from mizan import oracle

USAGE = "usage: python -m mizan oracle"


def main(arguments: list[str]) -> int:
    """Returns: the exit code: 0 after the end of input, 2 for a usage error."""
    if arguments != ["oracle"]:
        sys.stderr.write(USAGE + "\n")
        return 2
    lines = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8")
    oracle.serve(lines, io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", write_through=True))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
