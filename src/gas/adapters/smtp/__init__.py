"""Backend `smtp`: mail through an SMTP server, with the standard library.

Offers `SmtpMail`: `ports.mail.MailSender`. A mail counts as handed over once the server has
answered 250 to its content; a connection lost before that answer leaves it unknown, and the
repetition carries the same Message-ID. STARTTLS, TLS or none (`Encryption`), certificates checked.
"""

from __future__ import annotations

from gas.adapters.smtp.mail import Encryption, SmtpMail

__all__ = ["Encryption", "SmtpMail"]
