"""A site of django-helpdesk in one file, run by its own environment: ``migrate DATABASE`` or
``read DATABASE QUEUE``, which prints how long `get_email` took.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path


def set_up(database: str) -> None:
    """Configure Django as helpdesk's manual says, with nothing that costs time: no mail is really sent."""
    import django
    from django.conf import settings

    settings.configure(
        SECRET_KEY="only-for-measuring",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": database}},
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend",
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.sites",
            "django.contrib.admin",
            "django.contrib.messages",
            "django.contrib.staticfiles",
            "django.contrib.humanize",
            "rest_framework",
            "helpdesk",
        ],
        MEDIA_ROOT=str(Path(database).with_name("media")),
        SITE_ID=1,
        STATIC_URL="/static/",
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        USE_TZ=True,
        HELPDESK_ACTIVATE_API_ENDPOINT=False,
        HELPDESK_KANBAN_BOARD_ENABLED=False,
        HELPDESK_TEAMS_MODE_ENABLED=False,
    )
    django.setup()
    settings.ROOT_URLCONF = _addresses()


def _addresses() -> tuple[object, ...]:
    """The site's pages, to which helpdesk's mails refer."""
    from django.urls import include, path

    return (path("", include(("helpdesk.urls", "helpdesk"), namespace="helpdesk")),)


def read(queue: dict[str, str]) -> dict[str, float]:
    """Let `get_email` read one account."""
    from django.core.management import call_command
    from helpdesk.models import Queue, Ticket

    Queue.objects.create(
        title="shop",
        slug="shop",
        email_address="shop@shop.example",
        allow_email_submission=True,
        email_box_type="imap",
        email_box_host=queue["host"],
        email_box_port=queue["port"],
        email_box_user=queue["user"],
        email_box_pass=queue["password"],
        email_box_imap_folder="INBOX",
        email_box_interval=0,
        logging_type="none",
    )
    begun = time.perf_counter()
    call_command("get_email", quiet=True)
    seconds = time.perf_counter() - begun
    return {"seconds": seconds, "tickets": Ticket.objects.count()}


def main(verb: str, database: str, *queue: str) -> None:
    """Do what was asked for."""
    set_up(database)
    from django.core.management import call_command

    if verb == "migrate":
        call_command("migrate", verbosity=0)
    else:
        print(json.dumps(read(json.loads(queue[0]))))


if __name__ == "__main__":
    main(*sys.argv[1:])
