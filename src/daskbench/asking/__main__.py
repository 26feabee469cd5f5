"""``python -m daskbench.asking``: spawned processes import this module again, so it is empty."""

if __name__ == "__main__":
    from daskbench.asking.child import main

    main()
