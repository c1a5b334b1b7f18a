"""A mail server for tests. It speaks SMTP as any other, and says on standard output, one JSON line each, on which port it listens and
which mails it has taken. What it does with a mail is told by the name before the @ of its recipient."""

import asyncio
import email
import email.policy
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP


def say(**line):
    print(json.dumps(line, ensure_ascii=False), flush=True)


class Handler:
    def __init__(self):
        self.seen = {}

    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        to = envelope.rcpt_tos[0]
        key = (to, mail["Message-ID"])
        times = self.seen[key] = self.seen.get(key, 0) + 1
        behaviour = to.split("@")[0].split("+")[0]
        if behaviour == "later" and times == 1:
            return "451 4.7.1 come again"
        if behaviour == "moved" and times == 1:
            return "550 5.1.1 no such mailbox"
        if behaviour == "slow":
            await asyncio.sleep(60)
        text, html = mail.get_body(("plain",)), mail.get_body(("html",))
        say(
            id=mail["Message-ID"], to=mail["To"], sender=mail["From"], subject=mail["Subject"], date=mail["Date"],
            auto=mail["Auto-Submitted"], text=text.get_content(), html=html.get_content(), tls=session.ssl is not None,
        )
        if behaviour == "hold" and times == 1:
            # The mail is taken, and whoever sent it does not hear of it.
            await asyncio.sleep(60)
        if behaviour == "brief":
            await asyncio.sleep(0.05)
        return "250 2.0.0 taken"


async def main():
    handler, options = Handler(), {}
    if len(sys.argv) > 2:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1], sys.argv[2])
        options = {"tls_context": context, "require_starttls": True}
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(handler, enable_SMTPUTF8=True, **options), "127.0.0.1", 0)
    say(port=server.sockets[0].getsockname()[1])
    await server.serve_forever()


asyncio.run(main())
