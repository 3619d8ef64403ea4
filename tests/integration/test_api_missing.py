"""Addresses that there are not: JSON for programs, a page for people."""

from pathlib import Path

from tests.fakes.running_hall import running


def test_programs_get_json_and_people_get_a_page(tmp_path: Path) -> None:
    with running(tmp_path) as hall:
        anyone = hall.anyone()
        for path in ("/api/v1/nothing", "/api/v2/board", "/api/"):
            anyone.get(path).refused(404, "not_found")
        for path in ("/nothing", "/web/css/nothing.css", "/boards", "/%3Cscript%3E"):
            answer = anyone.get(path)
            assert answer.status == 404
            assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
            assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
            assert "没有这个页面" in answer.text
            assert hall.hall.name in answer.text
            assert 'href="/"' in answer.text
            assert "<script>" not in answer.text
        english = anyone.get("/nothing?lang=en").text
        assert "There is no such page" in english
        assert hall.hall.name_en in english
        answer = anyone.get("/t/made-up")
        assert answer.status == 404
        assert "没有这个号码" in answer.text
