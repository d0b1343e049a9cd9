"""A mail server for the tests: takes mail on a port of its own choice and leaves each message as a file.

    server.py DIR [--starttls | --smtps] [--auth USER:PASSWORD]

Writes DIR/port once it listens, DIR/ca.pem for whoever is to trust it, and each message as DIR/mail-<n>.json with sender, recipients,
whether it came over TLS, who signed in, and the text. What it does with the next message stands in DIR/mode: accept (without the file),
refuse (550), later (451), drop (takes it, and hangs up without an answer), silent (never answers), or stranger (refuses one address).
Ends when its standard input ends.
"""

import argparse
import asyncio
import email
import email.policy
import json
import pathlib
import ssl
import sys
import warnings

import trustme
from aiosmtpd.smtp import SMTP, AuthResult


class Handler:
    def __init__(self, folder):
        self.folder = folder
        self.count = 0

    def mode(self):
        file = self.folder / "mode"
        return file.read_text().strip() if file.exists() else "accept"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.mode() == "stranger" and address.startswith("stranger@"):
            return f"550 there is no {address} here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        mode = self.mode()
        if mode == "refuse":
            return "550 not this one, it@springfield.example"
        if mode == "later":
            return "451 come back later"
        if mode == "silent":
            await asyncio.sleep(3600)
        self.keep(server, session, envelope)
        if mode == "drop":
            server.transport.abort()
        return "250 OK"

    def keep(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.count += 1
        kept = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "tls": server.transport.get_extra_info("ssl_object") is not None,
            "user": session.auth_data,
            "headers": [[name, str(value)] for name, value in message.items()],
            "text": message.get_content(),
        }
        file = self.folder / f"mail-{self.count}.json"
        file.with_suffix(".tmp").write_text(json.dumps(kept, ensure_ascii=False))
        file.with_suffix(".tmp").rename(file)


def certificates(folder):
    """A certificate of localhost, and in ca.pem whom to trust for it."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context


def authenticator(expected):
    """Knows one user. A session that signed in says as whom."""

    def authenticate(server, session, envelope, mechanism, data):
        given = f"{data.login.decode()}:{data.password.decode()}"
        is_right = given == expected
        return AuthResult(success=is_right, handled=is_right, auth_data=data.login.decode())

    return authenticate


async def serve(options):
    context = certificates(options.folder) if options.starttls or options.smtps else None
    handler = Handler(options.folder)
    settings = {"hostname": "localhost", "enable_SMTPUTF8": True}
    if options.starttls:
        settings.update(tls_context=context, require_starttls=True)
    if options.auth:
        settings.update(authenticator=authenticator(options.auth), auth_required=True, auth_require_tls=options.starttls)
    loop = asyncio.get_running_loop()
    make = lambda: SMTP(handler, loop=loop, **settings)
    server = await loop.create_server(make, "127.0.0.1", 0, ssl=context if options.smtps else None)
    port = options.folder / "port.tmp"
    port.write_text(str(server.sockets[0].getsockname()[1]))
    port.rename(options.folder / "port")
    await loop.run_in_executor(None, sys.stdin.read)


def main():
    # That a test's server asks for a password without TLS is meant so.
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--starttls", action="store_true")
    parser.add_argument("--smtps", action="store_true")
    parser.add_argument("--auth")
    asyncio.run(serve(parser.parse_args()))


main()
