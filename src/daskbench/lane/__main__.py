"""``python -m daskbench.lane``; minimal, because spawned pool processes import it again."""

if __name__ == "__main__":
    from daskbench.lane.loop import main

    main()
