"""``python -m daskbench`` is the command ``daskbench``."""

from daskbench.cli import main

if __name__ == "__main__":
    main(prog_name="daskbench")
