"""``python -m daskbench.lane``: spawned pool processes import this module again, so it is empty."""

if __name__ == "__main__":
    from daskbench.lane.loop import main

    main()
