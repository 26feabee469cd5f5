"""The words of the command line, which the journal keeps so that a run can be measured again."""

from collections.abc import Sequence

import click

#: Where the group of commands puts them, among what Click keeps for a command.
_PLACE = "daskbench.typed"
#: Nobody types a longer line again.
LONGEST = 10_000


def remember(ctx: click.Context, words: Sequence[str]) -> None:
    """Keep the words that follow ``daskbench``."""
    ctx.meta[_PLACE] = tuple(words)


def words() -> tuple[str, ...]:
    """Return these words with all that looks secret replaced by digests; none outside a command."""
    from daskbench import trust
    from daskbench.secrecy import conceal_words, keyed

    ctx = click.get_current_context(silent=True)
    given: tuple[str, ...] = ctx.meta.get(_PLACE, ()) if ctx else ()
    if sum(map(len, given)) > LONGEST:
        return ()
    readable = (word.encode("utf-8", "backslashreplace").decode() for word in given)
    return conceal_words(readable, keyed(trust.digest_key()))
