"""`python -m mizan`: answers the operations of the oracle on standard input and output, or prints what a module declares."""
import io
import sys

from mizan import export, oracle

USAGE = "usage: python -m mizan oracle | ir MODULE | declarations MODULE"


def main(arguments: list[str]) -> int:
    """Returns: the exit code: 0 after the end of input or of what was printed, 2 for a usage error."""
    match arguments:
        case ["oracle"]:
            lines = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8")
            oracle.serve(lines, io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", write_through=True))
        case ["ir" | "declarations" as form, module]:
            export.printed(form, module)
        case _:
            sys.stderr.write(USAGE + "\n")
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
