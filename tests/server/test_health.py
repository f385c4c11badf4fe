"""For a monitor."""

import os
from datetime import UTC, datetime


def test_a_mart_that_can_be_read_is_ok(client):
    answer = client.ask("/healthz")
    about = answer.json()
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert list(about) == ["status", "build", "built_at", "data_age_s", "is_sample"]
    assert about["status"] == "ok" and about["is_sample"] is True
    assert abs(datetime.fromisoformat(about["built_at"]) - datetime.now(UTC)).days == 0


def test_the_age_is_that_of_the_newest_source(client):
    retrieved = [item["retrieved_at"] for item in client.ask("/api/v1/sources").json()["items"]]
    age = datetime.now(UTC) - datetime.fromisoformat(max(retrieved))
    assert abs(client.ask("/healthz").json()["data_age_s"] - max(0, age.total_seconds())) < 60


def test_without_a_mart_it_is_503_and_says_what_to_do(tmp_path, serve):
    answer = serve(tmp_path).ask("/healthz")
    about = answer.json()
    assert (answer.status_code, about["status"], about["build"]) == (503, "no_mart", None)
    assert "make mart" in about["message"]


def test_a_mart_that_comes_and_goes_is_noticed(tmp_path, sample, serve):
    client = serve(tmp_path)
    os.symlink(sample / "dashboard.duckdb", tmp_path / "dashboard.duckdb")
    assert client.ask("/healthz").status_code == 200
    (tmp_path / "dashboard.duckdb").unlink()
    assert client.ask("/healthz").status_code == 503


def test_head_answers_too(client):
    assert client.ask("/healthz", "HEAD").status_code == 200
