# ETL with generators: extract -> transform -> load
from dask import delayed


def extract(n):
    for i in range(n):
        yield delayed(lambda i: list(range(i, i + 100)))(i)


def transform(batches):
    for batch in batches:
        yield delayed(lambda xs: [x * x for x in xs if x % 3])(batch)


def load(batches):
    for batch in batches:
        yield delayed(sum)(batch)


def pipeline(n=6):
    yield from load(transform(extract(n)))
