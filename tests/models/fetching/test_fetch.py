from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from kerbwatch.commands.models import look
from models.card import load_card
from models.catalogue import resolve
from models.commands.fetching import fetch as fetch_command
from models.errors import CardInvalid, ModelNotFound, ModelRefused, TrialFailed
from models.fetching.faults import FetchFailed
from models.fetching.fetch import PARTIAL, Manner, fetch_model, open_index
from models.fetching.index import Index, IndexFile, parse_index, shipped_index
from models.fetching.rules import Patience
from tests.models.fetching.server import Mirror
from tests.models.parcels import card_text, contents, graph, sees_nothing_right, sees_one

PATIENCE = Patience(reply_s=0.5, window_s=0.5, window_bytes=1000, attempts=1)


def table(field: str, url: str, content: bytes) -> str:
    digest = hashlib.sha256(content).hexdigest()
    return f'[model.{field}]\nurl = "{url}"\nsha256 = "{digest}"\nbytes = {len(content)}\n'


def index_text(card: bytes, content: bytes, name: str = "mine") -> str:
    return (
        f'[[model]]\nname = "{name}"\nlicence = "x"\nknown_from = "made here"\n'
        + table("graph", "files/mine.onnx", content)
        + table("card", "files/mine.toml", card)
    )


@pytest.fixture
def city(server: Mirror) -> str:
    """The address of a city's own index, whose files lie beside it."""
    card = card_text(graph()).encode()
    server.files["/models/index.toml"] = index_text(card, graph()).encode()
    server.files["/models/files/mine.onnx"] = graph()
    server.files["/models/files/mine.toml"] = card
    return server.url("/models/index.toml")


def entry(place: str) -> Index:
    return open_index(place, PATIENCE)


def fetch(place: str, folder: Path) -> object:
    return fetch_model(entry(place).entry("mine"), folder, sees_one, Manner(PATIENCE))


def test_a_model_of_a_citys_mirror_is_fetched_tried_and_found_by_name(city: str, tmp_path: Path) -> None:
    fetch(city, tmp_path)
    assert resolve("mine", folder=tmp_path).read().graph == graph()
    assert contents(tmp_path) == {"mine"}


def test_what_is_there_is_not_fetched_again(city: str, server: Mirror, tmp_path: Path) -> None:
    fetch(city, tmp_path)
    server.asked.clear()
    fetch(city, tmp_path)
    assert "/models/files/mine.onnx" not in [path for path, _ in server.asked]
    assert contents(tmp_path) == {"mine"}


@pytest.mark.parametrize("path", ["/models/files/mine.onnx", "/models/files/mine.toml"])
def test_a_missing_or_changed_file_leaves_nothing_behind(
    city: str, server: Mirror, tmp_path: Path, path: str
) -> None:
    index = entry(city)
    server.files[path] = server.files[path][::-1]
    with pytest.raises(FetchFailed, match="sha256"):
        fetch_model(index.entry("mine"), tmp_path, sees_one, Manner(PATIENCE))
    del server.files[path]
    with pytest.raises(FetchFailed, match="404"):
        fetch_model(index.entry("mine"), tmp_path, sees_one, Manner(PATIENCE))
    assert contents(tmp_path) == set()


def test_another_fetch_that_clears_away_the_parts_is_a_clear_refusal_and_the_next_try_works(
    city: str, tmp_path: Path
) -> None:
    def cleared(_file: IndexFile, _there: int) -> None:
        shutil.rmtree(tmp_path / PARTIAL, ignore_errors=True)

    with pytest.raises(FetchFailed, match="run it again"):
        fetch_model(entry(city).entry("mine"), tmp_path, sees_one, Manner(PATIENCE, cleared))
    fetch(city, tmp_path)
    assert contents(tmp_path) == {"mine"}


def test_parts_that_another_fetch_needs_are_left_to_it(city: str, tmp_path: Path) -> None:
    (tmp_path / PARTIAL).mkdir()
    (tmp_path / PARTIAL / "theirs").write_bytes(b"half")
    fetch(city, tmp_path)
    assert (tmp_path / PARTIAL / "theirs").read_bytes() == b"half"


def test_a_mirrors_words_are_shown_as_they_are_and_cannot_steer_the_terminal(city: str, server: Mirror) -> None:
    text = server.files["/models/index.toml"].decode()
    server.files["/models/index.toml"] = text.replace('licence = "x"', 'licence = "[/red]"').encode()
    done = CliRunner().invoke(fetch_command, ["--index", city])
    assert done.exit_code == 0, done.output
    assert "[/red]" in done.output
    with pytest.raises(CardInvalid, match=r"known_from.*unprintable"):
        parse_index(text.replace("made here", r"\u001b[2J").encode(), origin="index.toml")


def test_a_relative_address_in_an_index_on_disk_says_what_to_do(tmp_path: Path) -> None:
    index = tmp_path / "index.toml"
    index.write_text(index_text(card_text(graph()).encode(), graph()))
    with pytest.raises(FetchFailed, match="write it whole"):
        fetch(str(index), tmp_path)


def test_weights_that_fail_the_trial_leave_nothing_behind(city: str, tmp_path: Path) -> None:
    with pytest.raises(TrialFailed):
        fetch_model(entry(city).entry("mine"), tmp_path, sees_nothing_right, Manner(PATIENCE))
    assert contents(tmp_path) == set()


def test_a_card_that_is_not_the_one_of_the_index_is_refused(server: Mirror, city: str, tmp_path: Path) -> None:
    for card in (card_text(graph(), name="other"), card_text(b"other")):
        server.files["/models/files/mine.toml"] = card.encode()
        server.files["/models/index.toml"] = index_text(card.encode(), graph()).encode()
        with pytest.raises(CardInvalid, match="not those of the index"):
            fetch(city, tmp_path)
    assert contents(tmp_path) == set()


def test_a_pickle_is_never_fetched(server: Mirror, city: str, tmp_path: Path) -> None:
    card = card_text(graph(), file="mine.pt").replace('["onnxruntime"]', '["ultralytics"]').encode()
    server.files["/models/files/mine.toml"] = card
    server.files["/models/index.toml"] = index_text(card, graph()).encode()
    with pytest.raises(ModelRefused, match="runs code"):
        fetch(city, tmp_path)
    assert contents(tmp_path) == set()


def test_unknown_names_say_what_there_is(city: str) -> None:
    with pytest.raises(ModelNotFound, match="mine"):
        entry(city).entry("yours")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("bytes = ", "bytes = -"), "bytes"),
        (("bytes = ", "bytes = 99999999999"), "bytes"),
        (("sha256 = ", "sha25 = "), "sha25"),
        (('name = "mine"', 'name = "../up"'), "name"),
        (("[model.card]", "[model.extra]"), "extra"),
        (('licence = "x"', ""), "licence"),
        (("[[model]]", "[[model"), "TOML"),
        (("made here", "\udcff"), "UTF-8"),
    ],
)
def test_a_broken_index_is_refused_naming_the_field(change: tuple[str, str], said: str) -> None:
    text = index_text(card_text(graph()).encode(), graph()).replace(*change, 1)
    with pytest.raises(CardInvalid, match=said):
        parse_index(text.encode("utf-8", "surrogateescape"), origin="index.toml")


def test_the_shipped_index_fits_the_shipped_cards_and_asks_over_https_only() -> None:
    index = shipped_index()
    assert {"omz-2000", "omz-2001", "omz-2003", "omz-2004", "crossroad-0078"} <= {one.name for one in index.model}
    assert all(file.url.startswith("https://") for one in index.model for file in one.files)


@pytest.mark.footage
def test_checksums_of_the_shipped_index_are_those_of_real_files(footage: Path) -> None:
    for one in shipped_index().model:
        if not one.name.startswith("yolox"):
            name = Path(one.graph.url).name
            (found,) = (footage / "weights").rglob(name)
            assert hashlib.sha256(found.read_bytes()).hexdigest() == one.graph.sha256
            assert found.stat().st_size == one.graph.bytes


@pytest.mark.footage
def test_a_shipped_card_can_be_fetched_under_its_own_name(server: Mirror, tmp_path: Path, footage: Path) -> None:
    pytest.importorskip("openvino")
    one = shipped_index().entry("omz-2004")
    assert one.companion is not None
    (folder,) = (footage / "weights" / "omz").glob("*2004")
    parts = {}
    for field, suffix in (("graph", ".xml"), ("companion", ".bin")):
        (file,) = folder.glob(f"*{suffix}")
        server.files[f"/{file.name}"] = file.read_bytes()
        parts[field] = getattr(one, field).model_copy(update={"url": server.url(f"/{file.name}")})
    added = fetch_model(one.model_copy(update=parts), tmp_path, look, Manner(PATIENCE))
    assert resolve("omz-2004", folder=tmp_path).weights.parent == added.path.parent
    assert load_card(added.path).name == "omz-2004"
