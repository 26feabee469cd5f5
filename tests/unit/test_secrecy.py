"""Secrets: what looks like one, and what is written in its place."""

import pytest

from daskbench import vault
from daskbench.errors import UsageError
from daskbench.processes.talk import LaneError
from daskbench.secrecy import (
    comparable,
    conceal_within,
    conceal_words,
    concealed,
    keyed,
    looks_secret,
)

DIGEST = keyed(b"ours")
OTHERS = keyed(b"theirs")


@pytest.mark.parametrize(
    "name",
    [
        "GITHUB_TOKEN",
        "DB_PASSWORD",
        "passwd",
        "DASK_GATEWAY__AUTH__PASSWORD",
        "AWS_SECRET_ACCESS_KEY",
        "API_KEY",
        "apikey",
        "my.credentials",
        "distributed.comm.tls.client.key",
        "JUPYTERHUB_API_TOKEN",
        "gateway.auth.type",
        "PGPASSPHRASE",
        "session_cookie",
    ],
)
def test_names_of_secrets(name: str) -> None:
    assert looks_secret(name)
    assert concealed(name, "hunter2", DIGEST) == DIGEST("hunter2")


@pytest.mark.parametrize(
    "name",
    [
        "OMP_NUM_THREADS",
        "tokenize.ensure-deterministic",
        "multiprocessing.context",
        "author",
        "keyboard",
        "monkeys",
        "PWD",
        "distributed.worker.memory.target",
        "distributed.scheduler.worker-saturation",
    ],
)
def test_names_of_what_is_none(name: str) -> None:
    assert not looks_secret(name)


@pytest.mark.parametrize(
    ("text", "secret", "left"),
    [
        ("https://me:hunter2@host/path?x=1", "me:hunter2", ("https://", "@host/path?x=1")),
        ("https://ghp_0123456789abcdef@github.com", "ghp_0123456789abcdef", ("@github.com",)),
        ("export AWS_SECRET_ACCESS_KEY=hunter2; ls", "hunter2", ("export ", "; ls")),
        ('{"password": "hunter2", "user": "me"}', "hunter2", ('"user": "me"',)),
        ("run --password hunter2 --fast", "hunter2", ("run --password ", " --fast")),
        ("run --api-key=hunter2 --fast", "hunter2", (" --fast",)),
        ("Authorization: Bearer hunter2hunter2", "hunter2hunter2", ("Authorization",)),
        ("x ghp_abcdefghijklmnop0123 y", "ghp_abcdefghijklmnop0123", ("x ", " y")),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIhunter2", "MIIhunter2", ("BEGIN",)),
    ],
)
def test_secrets_inside_a_text(text: str, secret: str, left: tuple[str, ...]) -> None:
    found = concealed("prologue", text, DIGEST)
    assert secret not in found
    assert "(secret" in found
    assert all(part in found for part in left)


@pytest.mark.parametrize("text", ["", "spawn", "/usr/lib/libjemalloc.so", "1 GiB", "tcp://a:8786"])
def test_what_holds_no_secret_is_left_as_it_is(text: str) -> None:
    assert concealed("prologue", text, DIGEST) == text


@pytest.mark.parametrize(
    ("words", "secret"),
    [
        (("--env-a", "API_TOKEN=hunter2"), "hunter2"),
        (("x.py", "--", "--password", "hunter2"), "hunter2"),
        (("x.py", "--", "--password=hunter2"), "hunter2"),
        (("-p", "password=hunter2"), "hunter2"),
        (("bench", "x.py", "--", "--user me --password hunter2"), "hunter2"),
        (("--address", "tls://me:hunter2@there:8786"), "hunter2"),
    ],
)
def test_secrets_among_words(words: tuple[str, ...], secret: str) -> None:
    found = conceal_words(words, DIGEST)
    assert len(found) == len(words)
    assert secret not in " ".join(found)
    assert "(secret" in found[-1]


def test_words_without_secrets_stay() -> None:
    words = ("ab", "--config-b", "distributed.a=1.1", "--keep", "--n", "1e4", "--tls-key", "k.pem")
    assert conceal_words(words, DIGEST) == words


def test_keys_tell_within_lists_and_dicts() -> None:
    given = {"clusters": [{"password": "pass word", "name": "x", "secret": 7, "token": None}]}
    inside = conceal_within(given, DIGEST)["clusters"][0]
    assert inside == {
        "password": DIGEST("pass word"),
        "name": "x",
        "secret": DIGEST("7"),
        "token": None,
    }


def test_digests_of_two_keys_cannot_be_compared() -> None:
    assert DIGEST("one") != DIGEST("two") != OTHERS("two")
    assert comparable(DIGEST("one"), DIGEST("two"))
    assert not comparable(DIGEST("one"), OTHERS("one"))
    assert comparable("unset", DIGEST("one"))


def test_the_vault_reveals_what_it_was_given_and_nothing_else() -> None:
    text = vault.hide("API_KEY", "hunter2", DIGEST)
    assert vault.hide("PLAIN", "2", DIGEST) == "2"
    assert vault.revealed({"API_KEY": text, "PLAIN": "2"}) == {"API_KEY": "hunter2", "PLAIN": "2"}
    with pytest.raises(UsageError, match="API_KEY is unknown"):
        vault.revealed({"API_KEY": DIGEST("never given")})


def test_what_a_text_quotes_of_secrets_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault, "_values", {})
    assert vault.without_secrets("hunter2 at 77145") == "hunter2 at 77145"
    vault.keep("(secret a:1)", "hunter2")
    vault.keep("(secret a:2)", "hunter2.x")
    vault.keep("(secret a:3)", 77145)
    vault.keep("(secret a:4)", "secret")
    vault.keep("(secret a:5)", "a")
    text = vault.without_secrets("no hunter2.x, hunter2, 77145 or a secret")
    assert text == "no (secret a:2), (secret a:1), (secret a:3) or a (secret a:4)"


def test_a_lane_s_error_quotes_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault, "_values", {"(secret a:1)": "hunter2"})
    error = LaneError("no login with hunter2", "Traceback: hunter2")
    assert (str(error), error.detail) == ("no login with (secret a:1)", "Traceback: (secret a:1)")
    assert LaneError("x").detail is None


def test_all_in_a_table_of_secrets_is_one() -> None:
    given = {"credentials": {"user": "bob", "more": {"n": 7, "on": True}}}
    hidden = conceal_within(given, DIGEST)["credentials"]
    assert hidden == {"user": DIGEST("bob"), "more": {"n": DIGEST("7"), "on": True}}
