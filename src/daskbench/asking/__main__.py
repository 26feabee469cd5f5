"""``python -m daskbench.asking``: spawned processes import this module too, so it does nothing."""

if __name__ == "__main__":
    from daskbench.asking.child import main

    main()
