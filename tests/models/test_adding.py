from __future__ import annotations

import os
import re
import resource
import signal
from pathlib import Path

import pytest
from click.testing import CliRunner

import models.adding
from models.adding import add_model, install, remove_model
from models.catalogue import list_models, resolve, unreadable_models
from models.commands.listing import list_catalogue
from models.errors import (
    CardInvalid,
    ChecksumMismatch,
    FolderUnusable,
    ModelError,
    ModelNotFound,
    ModelRefused,
    NameTaken,
    TrialFailed,
)
from tests.models.parcels import contents, graph, parcel, sees_nothing_right, sees_one
from tests.models.test_external_data import model, outside


def test_an_added_model_is_found_by_name_and_reads_whole(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    added = add_model(parcel(tmp_path / "in"), None, folder, sees_one)
    assert added.reports[0].seen
    assert resolve("mine", folder=folder).read().graph == graph()
    assert ("mine", True) in {(entry.card.name, entry.own) for entry in list_models(folder)}
    assert contents(folder) == {"mine"}


def test_weights_may_lie_elsewhere_than_the_card(tmp_path: Path) -> None:
    card = parcel(tmp_path / "in")
    elsewhere = (tmp_path / "in" / "mine.onnx").rename(tmp_path / "best.onnx")
    add_model(card, elsewhere, tmp_path / "mine", sees_one)
    assert resolve("mine", folder=tmp_path / "mine").weights.name == "mine.onnx"


def test_adding_the_same_again_changes_nothing_and_other_weights_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    add_model(parcel(tmp_path / "in"), None, folder, sees_one)
    assert add_model(parcel(tmp_path / "in"), None, folder, sees_one).reports == ()
    with pytest.raises(NameTaken, match="remove it first"):
        add_model(parcel(tmp_path / "other", b"other"), None, folder, sees_one)
    assert resolve("mine", folder=folder).read().graph == graph()


def test_a_failed_trial_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(TrialFailed):
        add_model(parcel(tmp_path / "in"), None, tmp_path / "mine", sees_nothing_right)
    assert contents(tmp_path / "mine") == set()


def test_a_crash_while_adding_leaves_no_model_and_is_cleared_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "mine"
    with monkeypatch.context() as patch:
        patch.setattr(models.adding.shutil, "rmtree", lambda *_, **__: None)  # a power cut tidies nothing up
        with pytest.raises(TrialFailed):
            add_model(parcel(tmp_path / "in"), None, folder, sees_nothing_right)
    assert len(contents(folder)) == 1
    assert "mine" not in {entry.card.name for entry in list_models(folder)}
    add_model(parcel(tmp_path / "in"), None, folder, sees_one)
    assert contents(folder) == {"mine"}


def test_a_full_disk_is_named_and_leaves_nothing_behind(tmp_path: Path) -> None:
    card = parcel(tmp_path / "in", b"x" * 100_000)
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limit[1]))
    try:
        with pytest.raises(FolderUnusable, match="KERBWATCH_MODELS"):
            add_model(card, None, tmp_path / "mine", sees_one)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, before)
    assert contents(tmp_path / "mine") == set()


@pytest.mark.parametrize("name", ["kerbwatch-nano", "omz-2004"])
def test_a_shipped_name_cannot_be_taken(tmp_path: Path, name: str) -> None:
    with pytest.raises(NameTaken, match="name = "):
        add_model(parcel(tmp_path / "in", name=name), None, tmp_path / "mine", sees_one)


@pytest.mark.parametrize("name", ["kerbwatch-nano", "omz-2004"])
def test_a_shipped_name_put_into_the_folder_by_hand_is_refused_not_preferred(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "mine"
    card = parcel(folder / name, name=name)
    card.rename(folder / name / "card.toml")
    with pytest.raises(NameTaken, match="rename"):
        resolve(name, folder=folder)
    assert [found.name for found in unreadable_models(folder)] == [name]
    assert not any(entry.own for entry in list_models(folder))


def test_a_broken_card_of_the_users_hides_no_other_model(tmp_path: Path) -> None:
    add_model(parcel(tmp_path / "in"), None, tmp_path / "mine", sees_one)
    (tmp_path / "mine" / "bad").mkdir()
    (tmp_path / "mine" / "bad" / "card.toml").write_bytes(b"\xff\xfe")
    assert "mine" in {entry.card.name for entry in list_models(tmp_path / "mine")}
    assert "UTF-8" in unreadable_models(tmp_path / "mine")[0].reason
    with pytest.raises(CardInvalid, match="UTF-8"):
        resolve("bad", folder=tmp_path / "mine")


@pytest.mark.parametrize(
    "file",
    [
        "../x.onnx",
        "/etc/x.onnx",
        "a/../../x.onnx",
        "a\\\\x.onnx",
        ".hidden.onnx",
        "-rf.onnx",
        "a\\u0007.onnx",
        "x" * 300 + ".onnx",
    ],
)
def test_a_card_cannot_name_a_file_outside_its_folder_or_an_odd_one(tmp_path: Path, file: str) -> None:
    card = parcel(tmp_path / "in")
    card.write_text(card.read_text().replace("mine.onnx", file))
    with pytest.raises(CardInvalid, match="file = "):
        add_model(card, None, tmp_path / "mine", sees_one)


@pytest.mark.parametrize("name", ["../up", "a/b", "Über", "a b", "", ".hidden", "x.toml", "a\\n", "x" * 65])
def test_a_card_cannot_have_an_odd_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(CardInvalid, match="name"):
        add_model(parcel(tmp_path / "in", name=name), None, tmp_path / "mine", sees_one)


def test_a_chinese_file_name_is_fine(tmp_path: Path) -> None:
    add_model(parcel(tmp_path / "in", file="街面.onnx"), None, tmp_path / "mine", sees_one)
    assert resolve("mine", folder=tmp_path / "mine").read()


def test_a_link_beside_the_card_is_not_followed_out_of_its_folder(tmp_path: Path) -> None:
    card = parcel(tmp_path / "in")
    secret = (tmp_path / "in" / "mine.onnx").rename(tmp_path / "secret")
    (tmp_path / "in" / "mine.onnx").symlink_to(secret)
    with pytest.raises(ModelRefused, match="link"):
        add_model(card, None, tmp_path / "mine", sees_one)


def test_a_pipe_or_a_folder_instead_of_a_file_is_refused_at_once(tmp_path: Path) -> None:
    card = parcel(tmp_path / "in")
    (tmp_path / "in" / "mine.onnx").unlink()
    os.mkfifo(tmp_path / "in" / "mine.onnx")
    with pytest.raises(ModelRefused, match="no regular file"):
        add_model(card, None, tmp_path / "mine", sees_one)
    with pytest.raises(ModelRefused, match="no regular file"):
        add_model(tmp_path / "in", None, tmp_path / "mine", sees_one)


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    card = parcel(tmp_path / "in")
    os.truncate(tmp_path / "in" / "mine.onnx", 1 << 40)
    with pytest.raises(ModelRefused, match="bytes, more than"):
        add_model(card, None, tmp_path / "mine", sees_one)
    os.truncate(card, 1 << 30)
    with pytest.raises(ModelRefused, match="bytes, more than"):
        add_model(card, None, tmp_path / "mine", sees_one)


def test_changed_weights_and_a_wrong_bin_are_refused(tmp_path: Path) -> None:
    card = parcel(tmp_path / "in")
    (tmp_path / "in" / "mine.onnx").write_bytes(b"other")
    with pytest.raises(ChecksumMismatch, match="sha256"):
        add_model(card, None, tmp_path / "mine", sees_one)
    card = parcel(tmp_path / "ir", b"<net/>", file="mine.xml", more="")
    text = card.read_text().replace('["onnxruntime"]', '["openvino"]')
    card.write_text(text.replace("version", f'weights_sha256 = "{"0" * 64}"\nversion'))
    (tmp_path / "ir" / "mine.bin").write_bytes(b"of another export")
    with pytest.raises(ChecksumMismatch, match="weights_sha256"):
        add_model(card, None, tmp_path / "mine", sees_one)


def test_a_pickle_needs_the_users_word(tmp_path: Path) -> None:
    card = parcel(tmp_path / "in", b"pickle", file="mine.pt")
    card.write_text(card.read_text().replace('["onnxruntime"]', '["ultralytics"]'))
    with pytest.raises(ModelRefused, match="--trust-code"):
        add_model(card, None, tmp_path / "mine", sees_one)
    assert add_model(card, None, tmp_path / "mine", sees_one, trust_code=True).reports


@pytest.mark.parametrize("text", [b"\xff", b"a = " + b"[" * 5000, b"a = " + b"9" * 5000, b"", b"name = 1"])
def test_a_card_that_is_none_is_a_clear_refusal(tmp_path: Path, text: bytes) -> None:
    card = tmp_path / "card.toml"
    card.write_bytes(text)
    with pytest.raises(CardInvalid, match=r"card\.toml"):
        add_model(card, None, tmp_path / "mine", sees_one)


def test_only_own_models_can_be_removed_and_a_removed_name_is_free(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    add_model(parcel(tmp_path / "in"), None, folder, sees_one)
    for name in ("kerbwatch-nano", "../in", "nothing", ""):
        with pytest.raises(ModelNotFound):
            remove_model(name, folder)
    remove_model("mine", folder)
    assert contents(folder) == set()
    with pytest.raises(ModelError):
        resolve("mine", folder=folder)
    add_model(parcel(tmp_path / "in"), None, folder, sees_one)


def test_removing_a_linked_folder_keeps_what_it_points_to(tmp_path: Path) -> None:
    add_model(parcel(tmp_path / "in"), None, tmp_path / "real", sees_one)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "mine").symlink_to(tmp_path / "real" / "mine")
    remove_model("mine", tmp_path / "mine")
    assert (tmp_path / "real" / "mine" / "card.toml").exists()


def test_an_onnx_file_that_points_to_other_files_is_refused_before_any_engine_sees_it(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "w.bin").write_bytes(b"0000")  # even where the other file lies right beside it
    with pytest.raises(ModelRefused, match="external data"):
        add_model(
            parcel(tmp_path / "in", model(outside(), "initializer")), None, tmp_path / "mine", sees_nothing_right
        )
    assert contents(tmp_path / "mine") == set()


def test_of_two_that_add_the_same_at_once_the_slower_finds_it_there(tmp_path: Path) -> None:
    folder, card = tmp_path / "mine", parcel(tmp_path / "in")
    content = card.read_bytes()
    model = resolve(card)
    weights = model.read()
    assert install(model.card, content, weights, folder, sees_one).reports
    assert install(model.card, content, weights, folder, sees_one).reports == ()
    with pytest.raises(NameTaken, match="remove it first"):
        install(model.card, content + b"# other", weights, folder, sees_one)
    assert contents(folder) == {"mine"}


def test_a_licence_that_looks_like_markup_is_shown_as_it_is(tmp_path: Path) -> None:
    card = parcel(tmp_path / "in")
    card.write_text(card.read_text().replace('licence = "x"', 'licence = "[/red] x"'))
    add_model(card, None, tmp_path / "mine", sees_one)
    done = CliRunner().invoke(list_catalogue, ["--folder", str(tmp_path / "mine")])
    assert done.exit_code == 0, done.output
    assert "[/red]" in done.output


def test_names_are_listed_whole_on_a_narrow_terminal(tmp_path: Path) -> None:
    done = CliRunner().invoke(list_catalogue, ["--folder", str(tmp_path)], env={"COLUMNS": "80"})
    assert {entry.card.name for entry in list_models(tmp_path)} <= set(done.output.split())


@pytest.mark.parametrize("field", ["version", "licence"])
def test_a_card_cannot_steer_the_terminal(tmp_path: Path, field: str) -> None:
    card = parcel(tmp_path / "in")
    card.write_text(re.sub(f'{field} = "."', rf'{field} = "\\u001b[2J"', card.read_text()))
    with pytest.raises(CardInvalid, match=f"{field}.*unprintable"):
        add_model(card, None, tmp_path / "mine", sees_one)
