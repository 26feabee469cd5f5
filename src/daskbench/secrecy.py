"""What looks like a secret, and the text that is shown and written in its place."""

import hmac
import re
from collections.abc import Callable, Mapping
from typing import Any

#: Turns a secret into a text that is the same for the same secret, and tells nothing of it.
Digest = Callable[[str], str]

_WORDS = (
    r"token(?!i[sz])|passw|passphrase|pwd|secret|credential|private|cookie|signature"
    r"|auth(?!or(?!i[sz]))|(?:api|access|account|ssh|session|master|encryption)[-_]?keys?"
    r"|(?<![a-z])keys?(?![a-z])"
)
_NAME = re.compile(_WORDS, re.IGNORECASE)
#: Variables that bear such a word and hold none.
_NO_SECRETS = {"PWD", "OLDPWD"}
#: Each hides its group "secret".
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
    """Tell whether a key or a variable is called as one that holds a secret."""
    return name not in _NO_SECRETS and bool(_NAME.search(name))


def concealed(name: str, value: str, digest: Digest) -> str:
    """Return a value as it may be written: what looks secret in it is replaced by its digest."""
    if looks_secret(name):
        return digest(value)
    for pattern in _INSIDE:
        value = pattern.sub(lambda found: _replaced(found, digest), value)
    return value


def concealed_all(values: Mapping[str, str], digest: Digest) -> dict[str, str]:
    """Conceal every value."""
    return {name: concealed(name, value, digest) for name, value in values.items()}


def _replaced(found: re.Match[str], digest: Digest) -> str:
    start, end = (place - found.start() for place in found.span("secret"))
    whole, secret = found.group(), found["secret"]
    if secret.startswith("(secret"):  # another pattern has found it
        return whole
    return whole[:start] + digest(secret) + whole[end:]


def plainly(value: str) -> str:
    """Conceal a secret without a digest, where no key is to be had: on a cluster of others."""
    del value
    return "(secret)"


def keyed(key: bytes) -> Digest:
    """Return the digest of those who have `key`; without it a weak secret can't be guessed.

    A plain hash of a password can be looked up by trying all that people choose. The digests of two
    keys begin differently, so that nobody takes one secret for two.
    """
    name = hmac.digest(key, b"the name of this key", "sha256").hex()[:4]

    def digest(value: str) -> str:
        return f"(secret {name}:{hmac.digest(key, value.encode(), 'sha256').hex()[:_HEX_DIGITS]})"

    return digest


def comparable(one: str, two: str) -> bool:
    """Tell whether two concealed texts that differ were concealed with the same key."""
    names = [set(re.findall(r"\(secret(?: (\w+):\w+)?\)", text)) for text in (one, two)]
    return names[0] == names[1] or not all(names)


def conceal_within(value: Any, digest: Digest) -> Any:
    """Conceal within lists and dicts too; keys tell what their values are."""
    if isinstance(value, Mapping):
        return {key: _under(str(key), inside, digest) for key, inside in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [conceal_within(inside, digest) for inside in value]
    return concealed("", value, digest) if isinstance(value, str) else value


def _under(key: str, value: Any, digest: Digest) -> Any:
    if looks_secret(key) and not (value is None or isinstance(value, bool | Mapping)):
        return digest(str(value))
    return conceal_within(value, digest)
