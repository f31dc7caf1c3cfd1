"""Jobs over HTTP: heavy questions and imports in processes that can be killed."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.servers import NOW, serving_estate
from api.test_api import problem_of
from api.test_keys import READER, RING, SENDER
from api.test_revisions import stored_estate
from api.test_tenants import whole_app
from graph_building import graph_of
from ripplegraph.api.callers import LOCAL_CALLER
from ripplegraph.api.edges import (
    JobLimits,
    RunningWork,
    WorkOrder,
    WorkOutcome,
    WorkProgress,
)
from ripplegraph.api.estates import ServedEstate
from ripplegraph.api.freshness import REVISION_HEADER
from ripplegraph.api.jobs.desk import IMPORT, JobDesk
from ripplegraph.api.jobs.documents import Job, JobState
from ripplegraph.api.questions.heavy import HEAVY_QUESTIONS
from ripplegraph.api.scopes import RouteTable
from ripplegraph.errors import StoreUnavailableError, TooManyJobsError
from ripplegraph.graph.revisions import Provenance
from ripplegraph.loaders.native_write import native_text
from ripplegraph.wiring.job_runner import Budgets
from ripplegraph.wiring.serving import edges_of
from ripplegraph.wiring.spool import new_spool

SECONDS = 60.0
Shape = dict[str, Any]


def now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def served_store(
    folder: Path, budgets: Budgets | None = None
) -> Iterator[tuple[httpx.Client, ServedEstate]]:
    estate = stored_estate(folder)
    edges = edges_of(str(folder / "estate.db"), budgets)
    with serving_estate(estate, edges=edges, clock=now) as client:
        yield client, estate


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with served_store(tmp_path_factory.mktemp("store")) as (client, _):
        yield client


def ended(client: httpx.Client, answer: httpx.Response) -> Shape:
    """Wait for the end of a job, and return it."""
    assert answer.status_code == 202, answer.text
    place = answer.headers["location"]
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        job: Shape = client.get(place).json()
        if job["state"] not in {"queued", "running"}:
            return job
        time.sleep(0.05)
    pytest.fail(f"the job did not end: {job}")


def sent(client: httpx.Client, text: str, *, if_match: str = "*", **asked: str) -> httpx.Response:
    asked = {"name": "graph.json", **asked}
    headers = {"If-Match": if_match}
    return client.post("/v1/imports", content=text, params=asked, headers=headers)


def test_a_heavy_question_is_answered_as_its_route_answers(client: httpx.Client) -> None:
    at = NOW.isoformat()
    asked = {"question": "availability", "asked": {"service": ["shop"], "at": at, "revision": 1}}
    job = ended(client, client.post("/v1/jobs", json=asked))
    assert (job["state"], job["kind"], job["subject"]) == ("done", "question", "availability")
    then = {"service": "shop", "at": at, "revision": "1"}
    assert client.get(job["result"]).json() == client.get("/v1/availability", params=then).json()


@pytest.mark.parametrize(
    ("question", "path", "body"),
    [
        ("what-if", "/v1/what-if", {"down": ["db"], "own_availability": {"web": 0.5}}),
        ("slas-what-if", "/v1/slas/what-if", {"own_availability": {"web": 0.5}}),
        ("incident", "/v1/incident", {"down": ["db"]}),
    ],
)
def test_a_heavy_body_is_answered_as_its_route_answers(
    client: httpx.Client, question: str, path: str, body: Shape
) -> None:
    at = {"at": NOW.isoformat()}
    asked = {"question": question, "asked": {**body, **at, "revision": 2}}
    job = ended(client, client.post("/v1/jobs", json=asked))
    assert job["state"] == "done", job
    direct: Shape = {"params": at, "json": body}
    if question != "slas-what-if":  # the others take the moment in the body
        direct = {"json": body | at}
    assert client.get(job["result"]).json() == client.post(path, **direct).json()


def test_every_heavy_route_has_a_form_as_a_job() -> None:
    table, heavy = RouteTable(whole_app().routes), set()
    for route in table.known:
        if route.need.is_heavy and route.path.startswith("/v1/"):
            heavy.add(route.path.removeprefix("/v1/").rpartition("}/")[2])
    names = {"cutsets": "cut-sets", "explain": "explanation", "slrs": "requirements"}
    asked = {names.get(path, path).replace("slas/ceilings", "ceilings") for path in heavy}
    assert len(asked) > 12
    assert {one.replace("/", "-") for one in asked} <= set(HEAVY_QUESTIONS)


def test_the_events_of_a_job_end_when_it_has_ended(client: httpx.Client) -> None:
    answer = client.post("/v1/jobs", json={"question": "slas"})
    place = answer.headers["location"]
    with client.stream("GET", f"{place}/events", timeout=SECONDS) as stream:
        lines = [line for line in stream.iter_lines() if line]
    shown = [json.loads(line[5:]) for line in lines if line.startswith("data:")]
    assert shown[-1]["state"] == "done"
    numbers = [int(line[3:]) for line in lines if line.startswith("id:")]
    assert numbers == sorted(set(numbers))
    known = {"Last-Event-ID": str(numbers[-1])}
    assert "data:" not in client.get(f"{place}/events", headers=known).text


@pytest.mark.parametrize(
    "asked",
    [
        {"question": "everything"},
        {"question": "availability", "asked": {"colour": 1}},
        {"question": "allocation", "asked": {"service": "shop"}},
        {"question": "forecast", "asked": []},
    ],
)
def test_what_is_no_heavy_question_is_refused(client: httpx.Client, asked: Shape) -> None:
    problem_of(client.post("/v1/jobs", json=asked), 422, "invalid-request")


def test_a_question_that_cannot_be_answered_fails_with_the_reason(client: httpx.Client) -> None:
    asked = {"question": "availability", "asked": {"service": ["nobody"]}}
    job = ended(client, client.post("/v1/jobs", json=asked))
    assert (job["state"], job["code"], job["result"]) == ("failed", "unknown-ci", None)
    assert job["reason"].endswith(" See service/0.")
    assert "nobody" not in job["reason"]
    problem_of(client.get(f"/v1/jobs/{job['job_id']}/result"), 409, "job-not-done")


def test_a_job_that_is_not_there_is_a_problem(client: httpx.Client) -> None:
    for path in ("", "/result", "/events"):
        problem_of(client.get(f"/v1/jobs/none{path}"), 404, "unknown-job")
    problem_of(client.delete("/v1/jobs/none"), 404, "unknown-job")
    problem_of(client.get("/v1/jobs/a.b"), 422, "invalid-request")


def test_an_import_is_published_as_a_revision_that_is_then_served(tmp_path: Path) -> None:
    with served_store(tmp_path) as (client, estate):
        first = client.get("/v1/cis")
        tag = f'"{first.headers[REVISION_HEADER]}"'
        text = native_text(graph_of("shop -> web & db & san"))
        job = ended(client, sent(client, text, if_match=tag, reason="a san"))
        assert job["state"] == "done", job
        result = client.get(job["result"]).json()
        assert (result["revision"], result["is_new"]) == (3, True)
        assert result["load"]["graph"]["cis"] == 4
        after = client.get("/v1/cis")
        assert after.headers[REVISION_HEADER] == "3"
        assert len(after.json()["cis"]) == 4
        newest = client.get("/v1/revisions").json()["revisions"][-1]
        assert (newest["author"], newest["reason"]) == ("local", "a san")
        told = [json.loads(one.payload) for one in estate.journal.entries("feed")]
        assert [one.get("revision") for one in told if one["type"] == "revision.published"] == [3]
        problem_of(sent(client, text, if_match=tag), 412, "revision-conflict")
        again = ended(client, sent(client, text, if_match='"3"'))
        assert client.get(again["result"]).json()["is_new"] is False


def test_an_import_that_would_retire_too_much_changes_nothing(client: httpx.Client) -> None:
    job = ended(client, sent(client, native_text(graph_of("other -> thing"))))
    assert (job["state"], job["code"]) == ("failed", "too-many-removals")
    assert client.get("/v1/cis").headers[REVISION_HEADER] == "2"


def test_an_import_that_cannot_be_read_fails_without_telling_paths(client: httpx.Client) -> None:
    job = ended(client, sent(client, "no zip at all", name="export.zip"))
    assert (job["state"], job["code"]) == ("failed", "export-unusable")
    assert "/" not in job["reason"]


def test_a_job_whose_store_fails_does_not_tell_where_it_lies(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    estate, elsewhere = stored_estate(tmp_path), tmp_path / "no-folder" / "lost.db"
    with serving_estate(estate, edges=edges_of(str(elsewhere)), clock=now) as client:
        job = ended(client, sent(client, native_text(graph_of("shop -> db"))))
    assert (job["state"], job["code"]) == ("failed", "store-unusable")
    assert "lost.db" not in job["reason"]
    assert str(elsewhere) in caplog.text


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"name": "../estate.db"}, 422, "invalid-request"),
        ({"name": "a..b"}, 422, "invalid-request"),
        ({"name": ".hidden"}, 422, "invalid-request"),
        ({"mapping": "/etc/passwd"}, 422, "unknown-mapping"),
        ({"missing": "burn"}, 422, "invalid-request"),
    ],
)
def test_a_wrong_import_is_refused(
    client: httpx.Client, asked: dict[str, str], status: int, code: str
) -> None:
    problem_of(sent(client, "{}", **asked), status, code)


def test_an_import_says_on_which_revision_it_rests(client: httpx.Client) -> None:
    problem_of(client.post("/v1/imports", content="x"), 428, "precondition-needed")
    for wrong in ('"1"', "2", 'W/"2"', '"x"'):
        problem_of(sent(client, "{}", if_match=wrong), 412, "revision-conflict")


def test_an_import_without_a_body_is_refused(client: httpx.Client) -> None:
    problem_of(sent(client, ""), 422, "empty-upload")


def test_an_upload_beyond_the_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    edges = edges_of(str(tmp_path / "estate.db"))
    edges = replace(edges, limits=JobLimits(upload_bytes=10))
    with serving_estate(stored_estate(tmp_path), edges=edges) as client:
        problem_of(sent(client, "x" * 11), 413, "body-too-large")
        assert sent(client, "x" * 10).status_code == 202


def test_a_job_beyond_its_time_budget_fails_with_the_reason(tmp_path: Path) -> None:
    with served_store(tmp_path, Budgets(seconds=0.05)) as (client, _):
        job = ended(client, client.post("/v1/jobs", json={"question": "slas"}))
    assert (job["state"], job["code"]) == ("failed", "time-budget")
    assert "0.05 s" in job["reason"]


def test_a_job_beyond_its_memory_budget_fails_and_the_server_lives(tmp_path: Path) -> None:
    with served_store(tmp_path, Budgets(memory_bytes=150_000_000)) as (client, _):
        job = ended(client, client.post("/v1/jobs", json={"question": "slas"}))
        assert client.get("/v1/services").status_code == 200
    assert (job["state"], job["result"]) == ("failed", None)


def test_who_may_not_write_cannot_import_and_foreign_jobs_are_left_alone(tmp_path: Path) -> None:
    edges = edges_of(str(tmp_path / "estate.db"))
    with serving_estate(stored_estate(tmp_path), RING, edges=edges) as client:
        client.headers["Authorization"] = f"Bearer {SENDER}"
        problem_of(sent(client, "{}"), 403, "missing-scope")
        client.headers["Authorization"] = f"Bearer {READER}"
        problem_of(sent(client, "{}"), 403, "missing-scope")
        job = ended(client, client.post("/v1/jobs", json={"question": "slas"}))
        assert job["author"] == "key 1"


class HeldWork:
    """Work that goes on until it is killed or told what comes of it."""

    def __init__(self) -> None:
        self.progress: WorkProgress | None = WorkProgress(label="cis.csv", done=1, total=2)
        self.outcome: WorkOutcome | None = None
        self.has_started, self.is_killed = threading.Event(), threading.Event()

    def start(self, work: WorkOrder) -> RunningWork:
        self.has_started.set()
        return self

    def wait(self, seconds: float) -> WorkOutcome | None:
        time.sleep(min(seconds, 0.01))
        return self.outcome

    def kill(self) -> None:
        self.is_killed.set()


class Ticking:
    """A clock of which each look is a second later."""

    def __init__(self) -> None:
        self.moment = NOW

    def __call__(self) -> datetime:
        self.moment += timedelta(seconds=1)
        return self.moment


def held_desk(folder: Path, work: HeldWork, limits: JobLimits | None = None) -> JobDesk:
    edges = replace(edges_of(None), runner=work, limits=limits or JobLimits())
    return JobDesk(estate=stored_estate(folder), edges=edges, clock=Ticking())


def submitted(desk: JobDesk) -> str:
    _, folder = desk.new_folder()
    work = WorkOrder(folder=folder, order={})
    return desk.submit(work, kind="question", subject="slas", caller=LOCAL_CALLER).job_id


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_running_job_tells_its_progress_and_is_killed_when_cancelled(tmp_path: Path) -> None:
    work = HeldWork()
    desk = held_desk(tmp_path, work)
    with desk.running():
        job_id, waiting = submitted(desk), submitted(desk)
        until(lambda: desk.book.job(job_id).progress_total == 2)
        assert desk.book.job(job_id).state is JobState.RUNNING
        assert desk.cancel(waiting).state is JobState.CANCELLED
        desk.cancel(job_id)
        until(lambda: desk.book.job(job_id).has_ended)
        assert desk.book.job(job_id).state is JobState.CANCELLED
        assert work.is_killed.is_set()
    assert not desk.edges.spool.exists()


@pytest.mark.parametrize("is_cancelled", [True, False])
def test_an_import_that_was_ended_too_late_says_what_it_published(
    tmp_path: Path, *, is_cancelled: bool
) -> None:
    work = HeldWork()
    desk = held_desk(tmp_path, work)
    store = desk.estate.store
    assert store is not None
    with desk.running():
        _, folder = desk.new_folder()
        order = WorkOrder(folder=folder, order={"kind": IMPORT})
        job_id = desk.submit(order, kind=IMPORT, subject="a.zip", caller=LOCAL_CALLER).job_id
        assert work.has_started.wait(SECONDS)
        by_it = Provenance(author="local", at=desk.clock() + timedelta(days=1), source="a.zip")
        store.publish(graph_of("shop -> web & db & mail"), by_it)
        if is_cancelled:
            desk.cancel(job_id)
            until(lambda: desk.book.job(job_id).has_ended)
    job = desk.book.job(job_id)
    assert job.state is (JobState.CANCELLED if is_cancelled else JobState.INTERRUPTED)
    assert "it had published revision 3 by then" in job.reason


def test_a_server_that_stops_kills_its_jobs_and_says_so(tmp_path: Path) -> None:
    work = HeldWork()
    desk = held_desk(tmp_path, work)
    with desk.running():
        jobs = [submitted(desk), submitted(desk)]
        assert work.has_started.wait(SECONDS)
    assert work.is_killed.is_set()
    assert {desk.book.job(one).state for one in jobs} == {JobState.INTERRUPTED}


def test_a_restart_tells_of_jobs_that_nobody_does_any_more(tmp_path: Path) -> None:
    work = HeldWork()
    desk = held_desk(tmp_path, work)
    job_id = submitted(desk)
    assert work.has_started.wait(SECONDS)
    until(lambda: desk.book.job(job_id).state is JobState.RUNNING)
    after = JobDesk(estate=desk.estate, edges=replace(edges_of(None), runner=work), clock=now)
    with after.running():
        job = after.book.job(job_id)
    assert (job.state, job.code) == (JobState.INTERRUPTED, "interrupted")
    assert work.is_killed.wait(SECONDS)  # whose journal says that it has ended, is ended
    desk.stop()


def test_a_job_of_a_living_process_beside_is_left_alone(tmp_path: Path) -> None:
    desk = held_desk(tmp_path, HeldWork())
    job_id = submitted(desk)
    beside = replace(edges_of(None), is_alone=False)
    clock = desk.clock
    JobDesk(estate=desk.estate, edges=beside, clock=clock).look_after()
    assert not desk.book.job(job_id).has_ended
    desk.stop()


def beside(desk: JobDesk, clock: Callable[[], datetime]) -> JobDesk:
    """Another process on the same store."""
    edges = replace(edges_of(None), is_alone=False)
    return JobDesk(estate=desk.estate, edges=edges, clock=clock, look_after_seconds=0.01)


def test_a_job_that_waits_long_in_a_living_process_is_left_alone(tmp_path: Path) -> None:
    desk = held_desk(tmp_path, HeldWork())
    submitted(desk)
    waiting = submitted(desk)
    moments = [desk.clock()]
    desk.clock = lambda: moments[-1]
    other = beside(desk, desk.clock)
    other.look_after()
    moments.append(moments[0] + timedelta(hours=1))
    desk.look_after()
    other.look_after()
    assert desk.book.job(waiting).state is JobState.QUEUED
    desk.stop()


def test_a_process_that_is_back_at_once_tells_of_its_jobs_when_they_are_missed(
    tmp_path: Path,
) -> None:
    desk = held_desk(tmp_path, HeldWork())
    left = Job(
        job_id="left",
        kind="question",
        subject="slas",
        author="local",
        caller_id="local",
        server="that died",
        created=NOW,
        seen=NOW - timedelta(hours=1),  # its clock was slow
    )
    desk.book.add(left)
    moments = [NOW]
    with beside(desk, lambda: moments[-1]).running():
        assert not desk.book.job("left").has_ended
        moments.append(NOW + timedelta(seconds=61))
        until(lambda: desk.book.job("left").has_ended)
    assert desk.book.job("left").state is JobState.INTERRUPTED
    desk.stop()


def test_a_job_whose_end_could_not_be_kept_has_failed(tmp_path: Path) -> None:
    work = HeldWork()
    desk = held_desk(tmp_path, work)
    with desk.running(), pytest.MonkeyPatch.context() as patched:
        job_id = submitted(desk)
        assert work.has_started.wait(SECONDS)

        def unreachable(*_: object, **__: object) -> Job:
            raise StoreUnavailableError("estate.db", "gone")

        patched.setattr(desk.book, "change", unreachable)
        until(lambda: not (desk.edges.spool / job_id).exists())
        patched.undo()
        desk.look_after()
        assert desk.book.job(job_id).state is JobState.FAILED
        assert "could not be written to" in desk.book.job(job_id).reason


def test_more_jobs_than_may_wait_are_refused(tmp_path: Path) -> None:
    work = HeldWork()
    desk = held_desk(tmp_path, work, JobLimits(waiting=1))
    with desk.running():
        submitted(desk)
        assert work.has_started.wait(SECONDS)
        submitted(desk)
        with pytest.raises(TooManyJobsError, match="Too many"):
            submitted(desk)


def test_as_many_jobs_run_at_once_as_may(tmp_path: Path) -> None:
    desk = held_desk(tmp_path, HeldWork(), JobLimits(at_once=2))
    with desk.running():
        first, second, third = submitted(desk), submitted(desk), submitted(desk)
        until(lambda: desk.book.job(second).state is JobState.RUNNING)
        assert desk.book.job(first).state is JobState.RUNNING
        assert desk.book.job(third).state is JobState.QUEUED


def test_the_oldest_jobs_are_forgotten_with_their_results(tmp_path: Path) -> None:
    work = HeldWork()
    work.outcome = WorkOutcome(result="{}")
    desk = held_desk(tmp_path, work, JobLimits(kept=2))
    with desk.running():
        jobs = [submitted(desk) for _ in range(4)]
        until(lambda: [one.job_id for one in desk.book.jobs()] == jobs[2:])
        assert desk.book.result(jobs[0]) is None
        assert desk.book.result(jobs[3]) == "{}"


def test_queries_are_answered_while_a_job_runs(tmp_path: Path) -> None:
    work = HeldWork()
    edges = replace(edges_of(None), runner=work)
    with serving_estate(stored_estate(tmp_path), edges=edges) as client:
        place = client.post("/v1/jobs", json={"question": "slas"}).headers["location"]
        assert work.has_started.wait(SECONDS)
        assert client.get("/v1/services").status_code == 200
        assert client.get(place).json()["state"] == "running"
        assert client.delete(place).status_code == 202
        until(lambda: bool(client.get(place).json()["state"] == "cancelled"))


def test_cancelling_kills_the_process_and_all_that_it_started(tmp_path: Path) -> None:
    edges = edges_of(None)
    folder = edges.spool / "job"
    folder.mkdir()
    order = {"kind": "question", "question": "slas", "asked": {}, "moment": NOW.isoformat()}
    run = edges.runner.start(WorkOrder(folder=folder, order=order, graph=graph_of("shop -> db")))
    assert run.wait(0.01) is None
    run.kill()
    outcome = run.wait(1)
    assert outcome is not None
    assert (outcome.result, outcome.code) == (None, "killed")


def test_folders_of_servers_that_died_are_removed_and_those_of_others_are_not(
    tmp_path: Path,
) -> None:
    code = (
        "import os, sys; from pathlib import Path; from ripplegraph.wiring.spool import new_spool"
    )
    code += "; print(new_spool(Path(sys.argv[1]))); sys.stdout.flush(); os.kill(os.getpid(), 9)"
    ended = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False
    )
    died, foreign = Path(ended.stdout.strip()), tmp_path / "ripplegraph-jobs-x"
    foreign.mkdir()
    assert died.is_dir()
    running = [new_spool(tmp_path), new_spool(tmp_path)]
    assert sorted(tmp_path.iterdir()) == sorted([foreign, *running])
