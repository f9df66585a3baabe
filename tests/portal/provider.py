"""A small hospital's OpenID Connect server on 127.0.0.1, which tests may make lie."""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CLIENT, SECRET = "steady", "the client's secret"


class Hospital:
    """One person is signed in there: `person`. What `told` and `page` hold is changed in the answers."""

    def __init__(self) -> None:
        self.person = {"sub": "E1", "email": "clinician@test.example", "email_verified": True}
        self.told: dict[str, Any] = {}
        self.page: dict[str, Any] = {}
        self.left_out: set[str] = set()
        self.asked: dict[str, dict[str, str]] = {}
        self.codes_taken = 0
        self.issuer = ""

    def description(self) -> dict[str, Any]:
        """What the discovery document says."""
        names = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
        ends = {name: f"{self.issuer}/{name}" for name in names}
        return {
            "issuer": self.issuer,
            **ends,
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def allow(self, address: str) -> str:
        """What the person's browser is sent back to after they signed in at `address`."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["client_id"] == CLIENT
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert set(asked["scope"].split()) == {"openid", "profile", "email"}
        code = secrets.token_urlsafe()
        self.asked[code] = asked
        back = urlsplit(asked["redirect_uri"]).path
        return f"{back}?{urlencode({'code': code, 'state': asked['state']})}"

    def exchange(self, sent: dict[str, str]) -> dict[str, Any] | None:
        """An ID token for a code, its verifier and the client's secret; None for anything else."""
        asked = self.asked.pop(sent.get("code", ""), None)
        digest = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if not asked or challenge != asked["code_challenge"] or sent.get("client_secret") != SECRET:
            return None
        self.codes_taken += 1
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 60, "nonce": asked["nonce"]}
        claims = {**claims, "sub": self.person["sub"], **self.told}
        kept = {name: value for name, value in claims.items() if name not in self.left_out}
        token = jwt.encode(kept, KEY, algorithm="RS256", headers={"kid": "1"})
        answer = {"access_token": "an access token", "token_type": "Bearer", "id_token": token}
        return {name: value for name, value in answer.items() if name not in self.left_out}


@contextmanager
def serving(hospital: Hospital) -> Iterator[Hospital]:
    """Run its server in a thread for the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/.well-known/openid-configuration":
                self.answer(hospital.description())
            elif (
                self.path == "/userinfo_endpoint"
                and self.headers["Authorization"] == "Bearer an access token"
            ):
                self.answer({**hospital.person, **hospital.page})
            else:
                self.answer({"error": "unknown"}, 404)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            answer = hospital.exchange({name: values[0] for name, values in parse_qs(body).items()})
            self.answer(answer or {"error": "invalid_grant"}, 200 if answer else 400)

        def answer(self, told: dict[str, Any], status: int = 200) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(told).encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        hospital.issuer = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield hospital
        finally:
            server.shutdown()
            thread.join()
