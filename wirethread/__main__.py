"""`python -m wirethread` is the command."""

from wirethread.cli import main

if __name__ == "__main__":
    main()
