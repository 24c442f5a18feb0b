"""`python -m visio_portal.services demo` runs the whole installation on this machine; `reset` removes its data."""

import argparse
import os
import sys
from pathlib import Path

from bootstrap.console import PlainError
from visio_portal.services.demo import remove_data, run_demonstration


def main() -> int:
    """Run the demonstration until Ctrl-C; return 1, after one line on standard error, where it cannot."""
    parser = argparse.ArgumentParser(prog="python -m visio_portal.services", description=__doc__)
    parser.add_argument("what", choices=["demo", "reset"])
    parser.add_argument("--state-dir", type=Path, default=Path("var"), help="where data and logs lie (default: var)")
    parser.add_argument(
        "--port", default=os.environ.get("PORT") or "8000", help="of the portal (default: PORT or 8000)"
    )
    options = parser.parse_args()
    if not options.port.isdigit() or not 1024 <= int(options.port) <= 65535:
        parser.error(f"PORT must be a number from 1024 to 65535, not {options.port!r}")
    try:
        if options.what == "reset":
            remove_data(options.state_dir.resolve())
        else:
            run_demonstration(options.state_dir.resolve(), int(options.port))
    except PlainError as problem:
        sys.stderr.write(f"\n{problem}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
