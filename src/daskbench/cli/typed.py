"""The words of the command line, which the journal keeps so that a run can be measured again."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from daskbench.secrecy import Digest

#: Where the group of commands puts them, among what Click keeps for a command.
_PLACE = "daskbench.typed"
#: Nobody types a longer line again.
LONGEST = 10_000


def remember(ctx: click.Context, words: Sequence[str]) -> None:
    """Keep the words that follow ``daskbench``."""
    ctx.meta[_PLACE] = tuple(words)


def words() -> tuple[str, ...]:
    """Return these words with all that looks secret replaced by digests; none outside a command."""
    ctx = click.get_current_context(silent=True)
    given: tuple[str, ...] = ctx.meta.get(_PLACE, ()) if ctx else ()
    if sum(map(len, given)) > LONGEST:
        return ()
    return without_secrets(word.encode("utf-8", "backslashreplace").decode() for word in given)


def without_secrets(words: Iterable[str]) -> tuple[str, ...]:
    """Return words with all that looks secret replaced by digests."""
    from daskbench import vault
    from daskbench.secrecy import conceal_words

    return tuple(map(vault.without_secrets, conceal_words(words, _digest())))


def values_without_secrets(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments with all that looks secret replaced by digests, however deep."""
    from daskbench.secrecy import conceal_within

    found: dict[str, Any] = conceal_within(values, _digest())
    return found


def _digest() -> "Digest":
    from daskbench import trust
    from daskbench.secrecy import keyed

    return keyed(trust.digest_key())
