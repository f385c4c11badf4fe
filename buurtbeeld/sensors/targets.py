"""Sending one message: to a webhook, or by mail. No secret and no address of a target is in what it says went wrong."""

import asyncio
import json
import smtplib
import ssl
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

import httpx

from buurtbeeld.sensors.messages import Message
from buurtbeeld.sensors.signals import MailServer, is_loopback

SECONDS = 10.0
"""In which anything has to come, and twice that in which all has to be done."""
LATER = (408, 425, 429)
"""Refusals that ask to come back, as those from 500 on do."""
REDIRECTS = 3


class RefusedError(Exception):
    """The target doesn't want it, now or later. The text is a sentence."""


class UnreachedError(Exception):
    """It could not be delivered now. The text is a sentence; wait: seconds that the target asked for."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


def post(address: str, secrets: Mapping[str, str], message: Message, now: datetime, seconds: float = SECONDS) -> None:
    """POST a message as JSON. secrets: headers. now: UTC without zone. Raises RefusedError or UnreachedError.

    A receiver that has its `Idempotency-Key` already got it before. It is sent on only to another path of the same
    host; whoever answers with something else than 2xx did not take it.
    """
    headers = {**secrets, "Content-Type": "application/json", "Idempotency-Key": message.id}
    content = json.dumps(message.about, ensure_ascii=False).encode()
    try:
        status, wait = asyncio.run(asyncio.wait_for(_posted(address, headers, content, seconds), 2 * seconds))
    except (httpx.TimeoutException, TimeoutError):
        raise UnreachedError("It did not answer in time.") from None
    except httpx.ConnectError:
        raise UnreachedError("It could not be reached.") from None
    except httpx.LocalProtocolError:
        raise RefusedError("A header has a value that can't be sent.") from None
    except httpx.HTTPError:
        raise UnreachedError("It broke off the connection.") from None
    except (httpx.InvalidURL, ValueError):
        raise RefusedError("Its address, or the value of a header, can't be sent.") from None
    if status in LATER or status >= 500:
        raise UnreachedError(f"It answered {status}.", _seconds(wait, now))
    if not 200 <= status < 300:
        raise RefusedError(f"It answered {status}.")


async def _posted(address: str, headers: Mapping[str, str], content: bytes, seconds: float) -> tuple[int, str | None]:
    """The status, and after how long to come back. What else is answered is of no use, and not read."""
    own = is_loopback(urlsplit(address).hostname or "")
    async with httpx.AsyncClient(timeout=seconds, trust_env=not own) as client:
        for _ in range(1 + REDIRECTS):
            async with client.stream("POST", address, headers=headers, content=content) as answer:
                if answer.status_code not in (307, 308):
                    return answer.status_code, answer.headers.get("retry-after")
                onward = urljoin(address, answer.headers.get("location", ""))
            if urlsplit(onward)[:2] != urlsplit(address)[:2]:
                raise RefusedError("It sends on to another address, and what is secret goes nowhere else.")
            address = onward
    raise RefusedError("It sends on again and again.")


def _seconds(text: str | None, now: datetime) -> float | None:
    """What a Retry-After says: seconds or a moment; None when it says neither."""
    if text is None:
        return None
    if text.strip().isdecimal():
        return float(text)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    # An HTTP date says GMT; one without a zone can mean nothing else.
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - now.replace(tzinfo=UTC)).total_seconds())


def mail(
    server: MailServer,
    password: str | None,
    to: str,
    message: Message,
    text: str,
    now: datetime,
    seconds: float = SECONDS,
) -> None:
    """Hand a message to a mail server. now: UTC without zone. Raises RefusedError or UnreachedError.

    Its Message-ID is the same whenever it is sent again.
    """
    try:
        _handed(server, password, _letter(server, to, message, text, now), seconds)
    except smtplib.SMTPRecipientsRefused as error:
        [(code, _)] = error.recipients.values()
        raise _unwelcome(code) from None
    except smtplib.SMTPResponseException as error:
        raise _unwelcome(error.smtp_code) from None
    except ssl.SSLError:
        raise UnreachedError("Its certificate is not trusted, or it can't speak TLS.") from None
    except TimeoutError:
        raise UnreachedError("It did not answer in time.") from None
    except smtplib.SMTPNotSupportedError:
        raise UnreachedError("It doesn't offer STARTTLS, or no way to sign in.") from None
    except (smtplib.SMTPException, OSError):
        raise UnreachedError("It could not be reached, or broke off the connection.") from None
    except ValueError:  # of letters that no server takes, or of a line break in a header
        raise RefusedError("Its user or password, or the title of the message, can't be sent.") from None


def _letter(server: MailServer, to: str, message: Message, text: str, now: datetime) -> EmailMessage:
    letter = EmailMessage()
    letter["Subject"] = message.subject
    letter["From"] = server.sender
    letter["To"] = to
    letter["Date"] = format_datetime(now.replace(tzinfo=UTC))
    letter["Message-ID"] = f"<{message.id}@{server.sender.partition('@')[2]}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(text)
    return letter


def _handed(server: MailServer, password: str | None, letter: EmailMessage, seconds: float) -> None:
    smtp = smtplib.SMTP(server.host, server.port, timeout=seconds)
    try:
        # Another machine may be anybody's until it has shown its certificate.
        if password is not None or not is_loopback(server.host):
            smtp.starttls(context=ssl.create_default_context())
        if password is not None and server.user is not None:
            smtp.login(server.user, password)
        smtp.send_message(letter)
        with suppress(smtplib.SMTPException, OSError):  # it has the message already
            smtp.quit()
    finally:
        smtp.close()


def _unwelcome(code: int) -> RefusedError | UnreachedError:
    said = f"It answered {code}."
    return RefusedError(said) if 500 <= code < 600 else UnreachedError(said)
