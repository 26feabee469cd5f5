# "Why does everything start again and again without the last lines?"
from dask import compute, delayed


def is_prime(n):
    return n > 1 and all(n % d for d in range(2, int(n**0.5) + 1))


@delayed
def count_primes(start, stop):
    return sum(map(is_prime, range(start, stop)))


def main():
    counts = [count_primes(start, start + 500) for start in range(0, 4000, 500)]
    print("primes below 4000:", sum(compute(*counts)))


if __name__ == "__main__":
    main()
