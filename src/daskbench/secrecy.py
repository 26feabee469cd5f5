"""Detection of secrets, and the digests that are shown and written in their place."""

import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

#: Maps a secret to a text that is equal for equal secrets and reveals nothing about them.
Digest = Callable[[str], str]

_WORDS = (
    r"token(?!i[sz])|passw|passphrase|pwd|secret|credential|private|cookie|signature"
    r"|auth(?!or(?!i[sz]))|(?:api|access|account|ssh|session|master|encryption)[-_]?keys?"
    r"|(?<![a-z])keys?(?![a-z])"
)
_NAME = re.compile(_WORDS, re.IGNORECASE)
#: Names that match but are those of paths.
_NO_SECRETS = {"PWD", "OLDPWD", "--tls-key", "client_keys"}
#: Patterns of secrets within text; only the group "secret" is concealed.
_INSIDE = tuple(
    re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?P<secret>.*)",
        r"\b(?:bearer|basic)\s+(?P<secret>[\w.~+/=-]{6,})",
        r"://(?P<secret>[^\s/?#]+)@",
        rf"(?<![\w.-])[\w.-]*(?:{_WORDS})[\w.-]*[\"']?\s*[=:]\s*[\"']?(?P<secret>[^\s\"',;&}}]+)",
        rf"(?<![\w-])--?[\w-]*(?:{_WORDS})[\w-]*\s+[\"']?(?P<secret>[^\s\"'-][^\s\"']*)",
        r"\b(?P<secret>(?:gh[a-z]_|github_pat_|glpat-|xox[a-z]-|AKIA|ASIA|sk-|eyJ)[\w.-]{12,})",
    )
)
_HEX_DIGITS = 12


def looks_secret(name: str) -> bool:
    """Whether the name of a key or variable suggests a secret."""
    return name not in _NO_SECRETS and bool(_NAME.search(name))


def concealed(name: str, value: str, digest: Digest) -> str:
    """Return a value with all that looks secret in it replaced by digests."""
    if looks_secret(name):
        return digest(value)
    for pattern in _INSIDE:
        value = pattern.sub(lambda found: _replaced(found, digest), value)
    return value


def _replaced(found: re.Match[str], digest: Digest) -> str:
    start, end = (place - found.start() for place in found.span("secret"))
    whole, secret = found.group(), found["secret"]
    if secret.startswith("(secret"):  # another pattern has found it
        return whole
    return whole[:start] + digest(secret) + whole[end:]


def plainly(value: str) -> str:
    """Conceal a secret without a digest: on an existing cluster, which has no key."""
    del value
    return "(secret)"


def keyed(key: bytes) -> Digest:
    """Return a digest function keyed by `key`.

    A plain hash of a weak password could be found by a dictionary attack. Digests begin with a name
    of the key, so that one secret under two keys is not mistaken for two secrets.
    """
    name = hmac.digest(key, b"the name of this key", "sha256").hex()[:4]

    def digest(value: str) -> str:
        return f"(secret {name}:{hmac.digest(key, value.encode(), 'sha256').hex()[:_HEX_DIGITS]})"

    return digest


def comparable(one: str, two: str) -> bool:
    """Whether two concealed texts were concealed with the same key."""
    names = [set(re.findall(r"\(secret(?: (\w+):\w+)?\)", text)) for text in (one, two)]
    return names[0] == names[1] or not all(names)


def conceal_words(words: Iterable[str], digest: Digest) -> tuple[str, ...]:
    """Return the words of a command line with all that looks secret in them replaced.

    What follows an option such as ``--password`` is its value; so is what follows ``=``.
    """
    found, option = [], ""
    for word in words:
        name, equals, value = word.partition("=")
        if equals:
            told = f"{name}={concealed(name, value, digest)}"
        else:
            told = word if word.startswith("-") else concealed(option, word, digest)
        found.append(concealed("", told, digest))
        option = word if word.startswith("-") and not equals else ""
    return tuple(found)


def conceal_within(value: Any, digest: Digest) -> Any:
    """Conceal recursively in lists and mappings, whose keys may mark their values as secret."""
    if isinstance(value, Mapping):
        return {key: _under(str(key), inside, digest) for key, inside in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [conceal_within(inside, digest) for inside in value]
    return concealed("", value, digest) if isinstance(value, str) else value


def _under(key: str, value: Any, digest: Digest) -> Any:
    if looks_secret(key) and isinstance(value, Mapping):
        return {name: _under(key, inside, digest) for name, inside in value.items()}
    if looks_secret(key) and not (value is None or isinstance(value, bool)):
        return digest(str(value))
    return conceal_within(value, digest)
