"""Runs the command line: `python -m dryland`."""

from dryland.cli import main

if __name__ == "__main__":
    main()
