"""Keeps notes in SQLite: POST / takes one, GET / gives them all as JSON."""

import json
import os
import signal
import sqlite3
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DATABASE = os.environ.get("DATABASE", ":memory:")
PORT = int(os.environ.get("PORT", "8000"))

notes = sqlite3.connect(DATABASE, check_same_thread=False, isolation_level=None)
notes.execute("CREATE TABLE IF NOT EXISTS note (text TEXT NOT NULL)")


class Notes(BaseHTTPRequestHandler):
    def do_GET(self):
        texts = [text for (text,) in notes.execute("SELECT text FROM note ORDER BY rowid")]
        self.answer(200, texts)

    def do_POST(self):
        text = self.rfile.read(int(self.headers["content-length"])).decode()
        notes.execute("INSERT INTO note VALUES (?)", (text,))
        self.answer(201, text)

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def stop(*_):
    raise SystemExit


signal.signal(signal.SIGTERM, stop)
ThreadingHTTPServer(("", PORT), Notes).serve_forever()
