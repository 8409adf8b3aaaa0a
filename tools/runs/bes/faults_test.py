"""All that may go wrong between Bazel and the service. The client does what Bazel's uploader does."""

from __future__ import annotations

import io
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from bazel import build_event_stream_pb2 as bep
from bazel import publish_build_event_pb2 as pb
from google.protobuf.empty_pb2 import Empty

from tools.runs.bes.server import Server, flags
from tools.runs.bes.service import LARGEST
from tools.runs.bes.testing.process import Process
from tools.runs.bes.testing.uploader import LIFECYCLE, Failed, Stream, Uploader, call, channel
from tools.runs.events import Completed, Event, Finished, Notice, Progress, binary

RUN = Path("tools/runs/events/testdata/run.binpb").read_bytes()
RECORDS = [record for record, _ in binary.records(io.BytesIO(RUN))]
EVENTS = list(binary.read(io.BytesIO(RUN)))
SERIES = 3000  # events: enough for a server to be killed among them


def built(number: int, text: str = "") -> bytes:
    """A small event, that says which it is."""
    event = bep.BuildEvent()
    event.id.target_completed.label = f"//:t{number}"
    event.completed.success = True
    event.completed.failure_detail.message = text
    return event.SerializeToString()


def numbers(stored: bytes) -> list[str]:
    """The labels of the events in a file, without what was cut off at its end."""
    return [event.label for event in binary.read(io.BytesIO(stored)) if isinstance(event, Completed)]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with Server(tmp_path / "events") as server:
        yield server


def stored(server: Server, invocation: str) -> bytes:
    path = server.path(invocation)
    assert path is not None
    return path.read_bytes()


def told(server: Server, invocation: str) -> list[Event]:
    """What the live view sees, when nobody sends any more."""
    return [event for event in server.events(invocation, lambda: True) if event is not None]


def test_a_run_is_stored_as_bazel_itself_would_and_told_live(server: Server) -> None:
    live: list[Event] = []
    view = threading.Thread(target=lambda: live.extend(server), daemon=True)
    view.start()
    upload = Uploader(server.address, Stream("run"), RECORDS)
    upload.run()
    view.join(10)
    assert not view.is_alive()
    assert (upload.calls, upload.acknowledged) == (1, len(RECORDS) + 1)
    assert stored(server, "run") == RUN
    assert live == EVENTS
    assert list(server.events("run")) == EVENTS  # who comes later gets all of it too


def test_duplicates_are_acknowledged_again_and_stored_once(server: Server) -> None:
    stream = Stream("twice")
    half = list(stream.messages(RECORDS[:20], finish=False))
    assert call(server.address, half + half[5:15] + half[:1]).acknowledged == [*range(1, 21), *range(6, 16), 1]
    Uploader(server.address, stream, RECORDS).run()
    Uploader(server.address, stream, RECORDS).run()
    assert stored(server, "twice") == RUN and told(server, "twice") == EVENTS


def test_a_new_call_goes_on_where_the_last_one_ended(server: Server) -> None:
    stream = Stream("again")
    assert call(server.address, stream.messages(RECORDS[:20], finish=False)).acknowledged == [*range(1, 21)]
    said = call(server.address, stream.messages(RECORDS, first=21))
    assert said.acknowledged == [*range(21, len(RECORDS) + 2)] and said.code is grpc.StatusCode.OK
    assert stored(server, "again") == RUN


def test_an_event_that_comes_too_early_is_never_acknowledged(server: Server) -> None:
    stream = Stream("gap")
    every = list(stream.messages(RECORDS))
    said = call(server.address, every[:10] + every[11:])
    assert (said.acknowledged, said.code) == ([*range(1, 11)], grpc.StatusCode.UNAVAILABLE)
    assert said.text == "event 11 is missing, 12 came"
    assert len(told(server, "gap")) == len(list(binary.read(io.BytesIO(stored(server, "gap")))))
    said = call(server.address, every[10:])  # what Bazel does then
    assert said.code is grpc.StatusCode.OK and stored(server, "gap") == RUN


def test_what_nobody_has_any_more_is_said_to_be_lost(server: Server, tmp_path: Path) -> None:
    """The service was wiped out, folder and all; the client goes on, and its upload must not fail."""
    stream = Stream("rest")
    rest = list(stream.messages(RECORDS, first=31))
    first = call(server.address, rest)
    assert (first.acknowledged, first.code) == ([], grpc.StatusCode.UNAVAILABLE)
    second = call(server.address, rest)
    assert (second.acknowledged, second.code) == ([*range(31, len(RECORDS) + 2)], grpc.StatusCode.OK)
    lost = Notice("", "build events 1 to 30 are lost: a service before this one had them")
    events = told(server, "rest")
    assert lost in events and all(event in events for event in EVENTS if isinstance(event, Finished))
    # The next process knows the numbers.
    server.close()
    with Server(tmp_path / "events") as later:
        assert call(later.address, rest[-1:]).acknowledged == [len(RECORDS) + 1]
        assert call(later.address, rest).acknowledged == second.acknowledged


def test_one_refusal_is_enough_for_a_client_that_has_what_is_missing(server: Server) -> None:
    stream = Stream("both")
    assert call(server.address, stream.messages(RECORDS, first=2)).code is grpc.StatusCode.UNAVAILABLE
    Uploader(server.address, stream, RECORDS).run()
    assert told(server, "both") == EVENTS
    assert call(server.address, stream.messages(RECORDS, first=2)).code is grpc.StatusCode.OK


def test_64_mebibytes_pass(server: Server) -> None:
    event = bep.BuildEvent(progress=bep.Progress(stderr="x" * ((64 << 20) - 100)))
    event.id.progress.opaque_count = 1
    records = [RECORDS[0], event.SerializeToString(), *RECORDS[1:]]
    assert (64 << 20) - 100 < len(records[1]) <= 64 << 20
    upload = Uploader(server.address, Stream("big"), records)
    upload.run()
    assert upload.calls == 1
    assert [len(event.text) for event in told(server, "big") if isinstance(event, Progress)][0] == (64 << 20) - 100


def test_what_is_larger_ends_its_call_and_nothing_else(server: Server) -> None:
    stream = Stream("too-big")
    said = call(server.address, [stream.message(1, b"\0" * LARGEST)])
    assert (said.acknowledged, said.code) == ([], grpc.StatusCode.RESOURCE_EXHAUSTED)
    Uploader(server.address, stream, RECORDS).run()
    assert told(server, "too-big") == EVENTS


def test_half_close_without_a_last_event(server: Server) -> None:
    said = call(server.address, Stream("half").messages(RECORDS[:20], finish=False))
    assert (said.acknowledged, said.code) == ([*range(1, 21)], grpc.StatusCode.OK)
    assert call(server.address, []).code is grpc.StatusCode.OK


def test_a_client_that_is_gone_ends_the_live_view(server: Server) -> None:
    call(server.address, Stream("gone").messages(RECORDS[:20], finish=False))
    begin = time.monotonic()
    assert len(told(server, "gone")) > 10
    assert time.monotonic() - begin < 5


def test_events_that_come_after_bazel_ended_are_awaited(server: Server) -> None:
    """With fully_async Bazel ends first."""
    stream = Stream("late")

    def slowly() -> Iterator[bytes]:
        for number, message in enumerate(stream.messages(RECORDS)):
            yield message
            if number > len(RECORDS) - 10:
                time.sleep(0.05)

    sender = threading.Thread(target=call, args=(server.address, slowly()))
    sender.start()
    while not next(server.events("late")):
        time.sleep(0.01)
    assert told(server, "late") == EVENTS
    sender.join()


def test_flags_name_the_server_and_make_its_troubles_harmless(server: Server) -> None:
    words = flags(server.address, "5b0f")
    assert words[0] == f"--bes_backend=grpc://127.0.0.1:{server.port}"
    assert "--bes_upload_mode=fully_async" in words and words[-1] == "--invocation_id=5b0f"
    assert flags(server.address) == words[:-1]


def test_nothing_ever_came(server: Server) -> None:
    assert told(server, "nobody") == [] and server.path("nobody") is None


def test_lifecycle_events_are_taken(server: Server) -> None:
    request = pb.PublishLifecycleEventRequest(project_id="p")
    request.build_event.event.build_enqueued.SetInParent()
    with channel(server.address) as to:
        answer = to.unary_unary(LIFECYCLE)(request.SerializeToString(), timeout=10, wait_for_ready=True)
    assert Empty.FromString(answer) == Empty()


@pytest.mark.parametrize(
    ("messages", "text"),
    [
        ([b"\xff\xff"], "no PublishBuildToolEventStreamRequest"),
        ([Stream("bad").message(0, b"")], "sequence_number: 0; the first one is 1"),
        ([Stream("bad").message(-5, b"")], "sequence_number: -5; the first one is 1"),
        (
            [Stream("bad").message(1, b""), Stream("other").message(2, b"")],
            "stream_id: not that of the first event of this call",
        ),
    ],
)
def test_what_no_client_may_send_is_refused_for_good(server: Server, messages: list[bytes], text: str) -> None:
    said = call(server.address, messages)
    assert (said.code, said.text) == (grpc.StatusCode.INVALID_ARGUMENT, text)
    assert len(said.acknowledged) == len(messages) - 1


def test_what_is_no_event_of_bazels_keeps_its_place(server: Server) -> None:
    stream = Stream("mixed")
    other = pb.PublishBuildToolEventStreamRequest.FromString(stream.message(2, b"buck"))
    other.ordered_build_event.event.bazel_event.type_url = "type.googleapis.com/buck.Event"
    nothing = pb.PublishBuildToolEventStreamRequest.FromString(stream.message(3, b""))
    nothing.ordered_build_event.ClearField("event")
    garbage = stream.message(4, b"\xff\xff\xff")
    messages = [stream.message(1, built(1)), other.SerializeToString(), nothing.SerializeToString(), garbage]
    messages += [stream.message(5, built(5)), stream.message(6, None)]
    assert call(server.address, messages).acknowledged == [1, 2, 3, 4, 5, 6]
    events = told(server, "mixed")
    assert [event.label for event in events if isinstance(event, Completed)] == ["//:t1", "//:t5"]
    (notice,) = (event for event in events if isinstance(event, Notice))
    assert notice.text == "no build event among 3 bytes; broken events are left out"


def test_two_builds_at_once_and_one_id_in_two_builds(server: Server, tmp_path: Path) -> None:
    streams = [Stream("a"), Stream("b"), Stream("a", build="another"), Stream("a", component=pb.StreamId.WORKER)]
    sent = {stream: [built(number, str(stream)) for number in range(200)] for stream in streams}
    threads = [threading.Thread(target=Uploader(server.address, s, r).run) for s, r in sent.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    files = sorted((tmp_path / "events").glob("*.bep"))
    assert len(files) == 4 and {"a.bep", "b.bep"} < {file.name for file in files}
    for file in files:
        with file.open("rb") as content:
            assert len({event.failure for event in binary.read(content) if isinstance(event, Completed)}) == 1


@pytest.mark.parametrize(
    "invocation",
    ["../../../up", "/etc/passwd", "", ".", "..", "a/b", "a\\b", "nul\0", "x" * 10_000, "streams.jsonl", "ä\n", "-rf"],
)
def test_names_that_a_client_chooses_stay_in_the_folder(server: Server, tmp_path: Path, invocation: str) -> None:
    Uploader(server.address, Stream(invocation), RECORDS[:3]).run()
    path = server.path(invocation)
    assert path is not None and path.parent == tmp_path / "events"
    assert path.suffix == ".bep" and path.name.removesuffix(".bep").isalnum()
    assert sorted(entry.name for entry in tmp_path.rglob("*")) == sorted(["events", path.name, "streams.jsonl"])
    assert len(told(server, invocation)) == len(list(binary.read(io.BytesIO(path.read_bytes())))) > 0


@pytest.mark.parametrize("acknowledged", [1, 600, 1500])
def test_kill_9_of_the_server_loses_nothing_that_was_acknowledged(tmp_path: Path, acknowledged: int) -> None:
    records = [built(number) for number in range(1, SERIES + 1)]
    first = Process(tmp_path)
    upload = Uploader(first.address, Stream("killed"), records, delay=1.0)  # as long as Bazel waits
    failed: list[Failed] = []

    def run() -> None:
        try:
            upload.run()
        except Failed as error:
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    while upload.acknowledged < acknowledged:
        time.sleep(0.001)
    first.kill()
    safe = upload.acknowledged
    kept = numbers((tmp_path / "killed.bep").read_bytes())
    assert kept[:safe] == [f"//:t{number}" for number in range(1, safe + 1)]
    with Process(tmp_path, first.port) as second:
        thread.join(30)
        assert not failed and upload.acknowledged == SERIES + 1
        assert numbers((tmp_path / "killed.bep").read_bytes()) == [f"//:t{number}" for number in range(1, SERIES + 1)]
        assert second.close() == 0
    assert safe < SERIES, "it was killed too late to say anything"
    assert upload.calls >= 2


def test_kill_9_of_the_client(server: Server) -> None:
    program = (
        "import sys; from tools.runs.bes.faults_test import *\n"
        "records = [built(n) for n in range(1, 100_000)]\n"
        "Uploader(sys.argv[1], Stream('orphan'), records).run()"
    )
    client = subprocess.Popen([sys.executable, "-c", program, server.address])
    while not (path := server.path("orphan")) or len(path.read_bytes()) < 1000:
        time.sleep(0.01)
    client.kill()
    client.wait()
    before = len([event for event in told(server, "orphan") if isinstance(event, Completed)])
    # A new one takes over.
    Uploader(server.address, Stream("orphan"), [built(number) for number in range(1, before + 101)]).run()
    assert numbers(stored(server, "orphan")) == [f"//:t{number}" for number in range(1, before + 101)]


def test_half_a_record_that_a_killed_server_left_is_taken_away(tmp_path: Path) -> None:
    with Server(tmp_path) as server:
        call(server.address, Stream("torn").messages(RECORDS[:20], finish=False))
    path = tmp_path / "torn.bep"
    with path.open("ab") as file:
        file.write(binary.varint(500) + b"half of it")
    with (tmp_path / "streams.jsonl").open("a") as file:
        file.write('{"file": "x.bep", "bui')
    with Server(tmp_path) as server:
        assert call(server.address, Stream("torn").messages(RECORDS, first=21)).code is grpc.StatusCode.OK
        Uploader(server.address, Stream("next"), RECORDS).run()
    assert path.read_bytes() == RUN
    with Server(tmp_path) as server:  # the index is whole again
        assert call(server.address, Stream("next").messages(RECORDS, first=21)).code is grpc.StatusCode.OK


def test_a_log_full_of_garbage_is_left_alone(tmp_path: Path) -> None:
    with Server(tmp_path) as server:
        call(server.address, Stream("junk").messages(RECORDS[:20], finish=False))
    path = tmp_path / "junk.bep"
    path.write_bytes(b"\xff" * 100)
    with Server(tmp_path) as server:
        Uploader(server.address, Stream("junk"), RECORDS).run()
        first, *events = told(server, "junk")
        assert isinstance(first, Notice) and "no length of a build event stands here" in first.text
        assert [e for e in events if isinstance(e, Completed)] == [e for e in EVENTS if isinstance(e, Completed)]
    assert path.read_bytes() == b"\xff" * 100


def no_files_beyond(size: int) -> None:
    """From now on this process can write so many bytes into a file: as if the disk were full then."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def test_a_full_disk_breaks_no_build_and_no_file(tmp_path: Path) -> None:
    size = len(RUN) // 2
    with Process(tmp_path, before=lambda: no_files_beyond(size)) as server:
        upload = Uploader(server.address, Stream("full"), RECORDS)
        upload.run()
        assert (upload.calls, upload.acknowledged) == (1, len(RECORDS) + 1)
        assert server.close() == 0
    kept = (tmp_path / "full.bep").read_bytes()
    assert size - 4000 < len(kept) <= size and RUN.startswith(kept)
    assert not [event for event in binary.read(io.BytesIO(kept)) if isinstance(event, Notice)]


def test_the_live_view_goes_on_when_the_disk_is_full(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    left = [len(RUN) // 2]

    def write(descriptor: int, data: bytes) -> int:
        if len(data) > left[0]:
            if left[0] == 0:
                raise OSError(28, "No space left on device")
            data = bytes(data)[: left[0]]
        left[0] -= len(data)
        return real(descriptor, data)

    monkeypatch.setattr("tools.runs.bes.log.os.write", write)
    Uploader(server.address, Stream("full"), RECORDS).run()
    events = told(server, "full")
    notices = [event for event in events if isinstance(event, Notice)]
    assert [notice.text for notice in notices] == [
        "build events are no longer stored (No space left on device); the run itself goes on"
    ]
    assert [e for e in events if not isinstance(e, Notice | Progress)] == [
        e for e in EVENTS if not isinstance(e, Progress)
    ]
    assert server.path("full") is None


def test_a_folder_that_cannot_be_used_breaks_no_build(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with Server(tmp_path / "file") as server:
        Uploader(server.address, Stream("nowhere"), RECORDS).run()
        notice, *events = told(server, "nowhere")
        assert isinstance(notice, Notice) and notice.text.startswith("build events are no longer stored (")
        assert events == [event for event in EVENTS if not isinstance(event, Progress)]
    assert (tmp_path / "file").read_text() == "in the way"


def test_a_file_that_somebody_takes_away_while_it_is_read(server: Server) -> None:
    call(server.address, Stream("away").messages(RECORDS[:20], finish=False))
    path = server.path("away")
    assert path is not None
    path.write_bytes(b"")
    (notice,) = told(server, "away")
    assert notice == Notice(f"{path}: byte 0", "what was stored can't be read: somebody made the file shorter")
    assert call(server.address, Stream("away").messages(RECORDS, first=21)).code is grpc.StatusCode.OK


def test_memory_stays_within_bounds_when_nobody_reads(tmp_path: Path) -> None:
    text = "x" * (1 << 20)
    with Process(tmp_path) as server:

        def resident() -> int:
            pages = Path(f"/proc/{server.pid}/statm").read_text().split()[1]
            return int(pages) * resource.getpagesize()

        Uploader(server.address, Stream("warm"), [built(1, text)]).run()
        before = resident()
        Uploader(server.address, Stream("much"), [built(number, text) for number in range(300)]).run()
        grown = resident() - before
    assert (tmp_path / "much.bep").stat().st_size > 300 << 20
    assert grown < 150 << 20, f"{grown:,} bytes more after 300 MiB of events"


def test_a_port_that_is_taken_is_told(server: Server, tmp_path: Path) -> None:
    with pytest.raises(OSError, match=f"port {server.port} is taken"):
        Server(tmp_path / "other", server.port)


def test_closing_is_quick_while_a_client_holds_its_call(server: Server) -> None:
    stream, hold = Stream("held"), threading.Event()

    def messages() -> Iterator[bytes]:
        yield stream.message(1, RECORDS[0])
        hold.wait(20)

    sender = threading.Thread(target=call, args=(server.address, messages()))
    sender.start()
    while server.path("held") is None:
        time.sleep(0.01)
    begin = time.monotonic()
    server.close()
    assert time.monotonic() - begin < 5
    hold.set()
    sender.join()
    assert len(told(server, "held")) == 1
