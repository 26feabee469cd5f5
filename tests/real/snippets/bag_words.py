# Word count with dask.bag
import re

import dask.bag as db

TEXT = """It was the best of times, it was the worst of times,
it was the age of wisdom, it was the age of foolishness,
it was the epoch of belief, it was the epoch of incredulity,
it was the season of Light, it was the season of Darkness,
it was the spring of hope, it was the winter of despair"""


def word_count():
    lines = db.from_sequence(TEXT.splitlines() * 20, npartitions=4)
    words = lines.map(lambda line: re.findall(r"\w+", line.lower())).flatten()
    return words.frequencies().topk(3, key=lambda kv: kv[1])
