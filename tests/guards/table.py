"""The safeguards: where each one stands, how it is taken out, and which tests must then fail.

What is taken out is exactly one piece of text of one file; a test holds the table to the code, so that a
guard which is moved or written anew is not forgotten here.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Guard:
    """One safeguard.

    Attributes:
        name: as docs/reliability.md calls it.
        against: what would happen without it.
        file: where it stands, from the checkout's root.
        text: the piece of code that is the guard; it occurs once.
        without: what stands there when the guard is taken out.
        tests: what pytest is asked to run; at least one of these must fail.
    """

    name: str
    against: str
    file: str
    text: str
    without: str
    tests: tuple[str, ...]


GUARDS = (
    Guard(
        "outbox before send",
        "a crash after sending forgets that the mail left, and it goes again",
        "daemon/delivery.py",
        "                claimed = self._claim_in(uow, item, now)\n                uow.commit()\n",
        "                claimed = self._claim_in(uow, item, now)\n",
        ("tests/usecases/test_delivery.py", "-k", "row_is_committed_before or dead_run"),
    ),
    Guard(
        "sending mark",
        "a mail whose sending was cut off is sent again after the restart",
        "state/outbox_rules.py",
        "(OutboxState.SENDING, OutboxEvent.RUN_DIED): OutboxState.UNCERTAIN,",
        "(OutboxState.SENDING, OutboxEvent.RUN_DIED): OutboxState.QUEUED,",
        ("tests/usecases/test_delivery.py", "-k", "dead_run_was_sending"),
    ),
    Guard(
        "unknown outcome",
        "a connection that drops after the content was offered leads to a second mail",
        "state/outbox_rules.py",
        "(OutboxState.SENDING, OutboxEvent.OUTCOME_UNKNOWN): OutboxState.UNCERTAIN,",
        "(OutboxState.SENDING, OutboxEvent.OUTCOME_UNKNOWN): OutboxState.DEFERRED,",
        ("tests/usecases/test_delivery.py", "-k", "never_repeated"),
    ),
    Guard(
        "conditional claim",
        "two senders claim one mail and both hand it over",
        "state/repository/outbox.py",
        '_COLUMNS.id == bindparam("item_id"), _COLUMNS.state == bindparam("seen_state")',
        '_COLUMNS.id == bindparam("item_id"), bindparam("seen_state") == bindparam("seen_state")',
        ("tests/usecases/test_storage.py", "-k", "advance_is_conditional or exactly_one_wins"),
    ),
    Guard(
        "unique key of outgoing mail",
        "two steps that do not know of each other queue one mail twice",
        "state/migrations/versions/0001_the_first_tables.py",
        '        sa.UniqueConstraint("purpose", name=op.f("uq_outbox_purpose")),\n',
        "",
        ("tests/usecases/test_storage.py", "-k", "second_mail_of_one_key"),
    ),
    Guard(
        "purpose looked up before queueing",
        "a buyer who writes twice is acknowledged twice",
        "state/repository/outbox.py",
        '        if self._connection.execute(_SAME_PURPOSE, {"purpose": item.purpose}).first() is not None:\n'
        "            return None\n",
        "",
        ("tests/usecases/test_storage.py", "-k", "purpose_makes_a_mail_once"),
    ),
    Guard(
        "cursor in the transaction",
        "a crash between reading and storing skips mail for ever",
        "daemon/taking.py",
        "                taken = [(item, self._take(item, uow, cursor)) for item in items]\n"
        "                uow.cursors.move(cursor)\n                uow.commit()\n",
        "                uow.cursors.move(cursor)\n                uow.commit()\n"
        "            with self._database.write() as uow:\n"
        "                taken = [(item, self._take(item, uow, cursor)) for item in items]\n"
        "                uow.commit()\n",
        ("tests/usecases/test_intake.py", "-k", "cursor"),
    ),
    Guard(
        "UIDVALIDITY",
        "after the server renumbered a folder, its new mail is taken for read",
        "daemon/folder_reader.py",
        "if known is not None and known.uidvalidity == state.uidvalidity:",
        "if known is not None:",
        ("tests/usecases/test_intake.py", "-k", "renumber or another_provider"),
    ),
    Guard(
        "Message-ID known",
        "a mail that is read twice opens two cases and is acknowledged twice",
        "daemon/arrivals.py",
        "return name_key(message_id)",
        'return name_key(f"{message_id}:{arrival.place}")',
        ("tests/usecases/test_intake.py", "-k", "renumbered or inbox_and_junk"),
    ),
    Guard(
        "Amazon's message key known",
        "one message that is mailed to two addresses is two cases",
        "daemon/arrivals.py",
        "if isinstance(notification, BuyerMessage) and notification.message_key:",
        "if isinstance(notification, BuyerMessage) and not notification.message_key:",
        ("tests/usecases/test_intake.py", "-k", "two_addresses or two_mailboxes"),
    ),
    Guard(
        "history",
        "the first start writes to the customers of past years",
        "daemon/case_mail.py",
        "    if received >= start.first_start_at - START_TOLERANCE:\n",
        "    if received:\n",
        ("tests/usecases/test_intake.py", "-k", "is_history"),
    ),
    Guard(
        "EOF check",
        "a connection that ended during IDLE is watched for ever",
        "daemon/mailbox/idle.py",
        "return bool(imap.file.peek(1)) or readable",
        "return bool(imap.file.peek(1))",
        ("tests/integration/test_imap_traps.py", "-k", "end_of_connection"),
    ),
    Guard(
        "buffer drain",
        "mail that arrives as IDLE begins is not seen until the next one comes",
        "daemon/mailbox/idle.py",
        "    arrived = _arrived(imap)\n    while True:\n",
        "    arrived = False\n    while True:\n",
        ("tests/integration/test_imap_traps.py", "-k", "trap_1"),
    ),
    Guard(
        "only peeking",
        "the service marks the seller's mail as read",
        "daemon/mailbox/fetching.py",
        'client.fetch(group, ["BODY.PEEK[]"])',
        'client.fetch(group, ["BODY[]"])',
        ("tests/integration/test_imap_traps.py", "-k", "only_peeks"),
    ),
    Guard(
        "one bad mail alone",
        "a mail that cannot be stored stops all mail behind it",
        "daemon/taking.py",
        "            return self._store_singly(items, cursor)\n",
        "            raise\n",
        ("tests/usecases/test_intake.py", "-k", "cannot_be_stored"),
    ),
    Guard(
        "allow-list at the door",
        "a mail with a wrong recipient leaves",
        "daemon/smtp.py",
        "        if not self._allowed(recipient):\n            raise RecipientForbidden(_FORBIDDEN)\n",
        "",
        (
            "tests/contracts/test_submission.py",
            "tests/usecases/test_delivery.py",
            "-k",
            "forbidden_recipient or outside_the_list",
        ),
    ),
    Guard(
        "allow-list of addresses",
        "an address that only looks like a buyer's is written to",
        "daemon/recipients.py",
        "return BuyerAlias.parse(address) is not None or address.lower() in self._known()",
        'return "marketplace.amazon" in address or address.lower() in self._known()',
        ("tests/unit/test_recipients.py", "-k", "nobody_else"),
    ),
    Guard(
        "authserv check",
        "a sender writes his own proof into his mail",
        "parsers/authenticity.py",
        "if host and host == wanted), None)",
        "if host), None)",
        ("tests/unit/parsers/test_authenticity.py",),
    ),
    Guard(
        "alignment",
        "anybody's valid signature proves a mail to be Amazon's",
        "parsers/authenticity.py",
        'return result.method == "dkim" and is_aligned(result.domain, sender)',
        'return result.method == "dkim"',
        ("tests/unit/parsers/test_authenticity.py",),
    ),
    Guard(
        "forged mail aside",
        "a forged mail opens a case, or takes the place of the genuine one",
        "daemon/intake.py",
        "    if reading.authenticity is Authenticity.FAIL and not _is_strangers_bounce(reading):\n"
        '        return quarantine(arrival, work, "forged", reading.authenticity_reason)\n',
        "",
        ("tests/usecases/test_intake.py", "-k", "forged"),
    ),
    Guard(
        "proof before an acknowledgment",
        "a mail that nothing proves is answered",
        "daemon/acknowledge.py",
        "    if message.authenticity is not Authenticity.PASS:\n        return Refusal.NOT_PROVEN\n",
        "",
        ("tests/usecases/test_refusals.py", "-k", "no_longer_proven"),
    ),
    Guard(
        "cool-down",
        "a buyer who writes on several orders gets one acknowledgment after the other",
        "state/acknowledgment_rules.py",
        "        (cooling, Refusal.COOL_DOWN),\n",
        "",
        ("tests/usecases/test_refusals.py", "tests/unit/state/test_acknowledgment_rules.py", "-k", "cool"),
    ),
    Guard(
        "one promise at a time",
        "two robots write to each other every thirteen hours, for ever",
        "state/acknowledgment_rules.py",
        "        (_still_promised(facts), Refusal.AWAITING_PERSON),\n",
        "",
        ("tests/usecases/test_refusals.py", "-k", "told_twice or promise"),
    ),
    Guard(
        "hourly cap",
        "a flood of messages makes a flood of answers",
        "state/acknowledgment_rules.py",
        "        (facts.recent_in_mailbox >= policy.hourly_cap, Refusal.HOURLY_CAP),\n",
        "",
        ("tests/usecases/test_refusals.py", "-k", "hourly_cap"),
    ),
    Guard(
        "age",
        "after an outage of days buyers are told that somebody is looking into it now",
        "state/acknowledgment_rules.py",
        "(age > min(policy.max_age, LATEST_FIRST_SIGHT), Refusal.TOO_OLD),",
        "(age > LATEST_FIRST_SIGHT * 99, Refusal.TOO_OLD),",
        ("tests/usecases/test_refusals.py", "tests/usecases/test_intake.py", "-k", "too_old or 48_hours"),
    ),
    Guard(
        "own mail known",
        "the copy of our acknowledgment counts as the answer, and nobody is reminded",
        "daemon/copies.py",
        "    if own is not None:\n        confirm(work, own, copy_confirmed_at=work.now)\n",
        "    if own is not None and own.case_id is None:\n"
        "        confirm(work, own, copy_confirmed_at=work.now)\n",
        ("tests/usecases/test_answered.py", "-k", "copy_of_our_mail"),
    ),
    Guard(
        "own mail in Sent known",
        "the provider's copy of our acknowledgment counts as the answer",
        "daemon/sent_watch.py",
        '    if own is not None:\n        confirm(work, own, filed_at=work.now)\n        return "own"\n',
        "",
        (
            "tests/usecases/test_answered.py",
            "tests/usecases/test_delivery.py",
            "-k",
            "our_own_mail or found_in_sent",
        ),
    ),
    Guard(
        "fence",
        "an answer leaves although the buyer has written again",
        "state/approval_rules.py",
        "    if standing.voiding_message > draft.sight.message:\n"
        "        return ApprovalRefusal.BUYER_WROTE_AGAIN\n",
        "",
        ("tests/usecases/test_approvals.py", "-k", "voids_it"),
    ),
    Guard(
        "fence against answers",
        "a case that a person answered meanwhile is answered again",
        "state/approval_rules.py",
        "    if standing.newest_answer > draft.sight.answer:\n"
        "        return ApprovalRefusal.ANSWERED_MEANWHILE\n",
        "",
        ("tests/usecases/test_approvals.py", "-k", "voids_it"),
    ),
    Guard(
        "judged again when claimed",
        "what was approved hours ago leaves whatever happened since",
        "daemon/delivery.py",
        "    if refusal is not None:\n            approvals.take_back(work, item, refusal)\n"
        "            return False\n",
        "    if refusal is not None and refusal == item.reason:\n            return False\n",
        ("tests/usecases/test_approvals.py", "-k", "voids_it"),
    ),
    Guard(
        "look into the folders",
        "an approved answer leaves beside the one that the person sent from Drafts",
        "daemon/approvals.py",
        "    return timedelta(0) <= work.now - item.cleared_at <= CLEARED_FOR\n",
        "    return True\n",
        ("tests/usecases/test_approvals.py", "-k", "look"),
    ),
    Guard(
        "draft as we left it",
        "a draft that the person is writing on is removed",
        "daemon/mailbox/removal.py",
        "    if content_digest(content) != digest:\n        return TakenBack.CHANGED\n",
        "",
        ("tests/integration/test_imap_removal.py", "-k", "chang or edit"),
    ),
    Guard(
        "message rules",
        "a text that asks for a rating reaches a buyer",
        "daemon/approvals.py",
        "    if refusal is None and is_blocked(check_draft(draft, case, work.shop.language)):\n",
        "    if refusal is not None and is_blocked(check_draft(draft, case, work.shop.language)):\n",
        ("tests/usecases/test_approvals.py", "-k", "stricter"),
    ),
    Guard(
        "used token",
        "a link that is followed twice sends twice",
        "state/command_rules.py",
        "    if offer.used_at is not None:\n        return CommandRefusal.USED\n",
        "",
        (
            "tests/usecases/test_owner_commands.py",
            "tests/unit/state/test_command_rules.py",
            "-k",
            "used or twice or replay or once",
        ),
    ),
    Guard(
        "asking back",
        "anybody who sees a link approves in the owner's name",
        "state/command_rules.py",
        "return offer.action.is_decisive and authenticity is not Authenticity.PASS and not offer.asked_back",
        "return False",
        ("tests/usecases/test_owner_commands.py", "tests/unit/state/test_command_rules.py", "-k", "ask"),
    ),
    Guard(
        "inquiry only to configured agents",
        "an approved inquiry leaves for somebody who was taken out of the configuration",
        "daemon/inquiries.py",
        "    if agent_at(work.shop, item.recipient) is None:\n",
        "    if not item.recipient:\n",
        ("tests/usecases/test_inquiries.py", "-k", "left_the_configuration"),
    ),
    Guard(
        "callers' numbers",
        "the telephone number of a caller stands in mail",
        "daemon/calls.py",
        "            text=hide_contacts(\n                call.wishes,\n",
        "            text=(lambda text, **_: text)(\n                call.wishes,\n",
        ("tests/usecases/test_calls.py", "-k", "number_goes_into_no_mail"),
    ),
    Guard(
        "one process",
        "two services read and send side by side",
        "daemon/lock.py",
        "            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)\n",
        "            pass\n",
        ("tests/unit/test_lock.py",),
    ),
    Guard(
        "lock asked before each mail",
        "a service whose lock went with its database connection goes on sending",
        "daemon/service.py",
        "        if not self._sent_enough.is_set() and not self._lock.held():\n",
        "        if self._sent_enough.is_set() and not self._lock.held():\n",
        ("tests/integration/test_main_job.py", "tests/unit", "-k", "lock"),
    ),
    Guard(
        "restored database",
        "after going back to a backup, what has left since leaves again",
        "daemon/service.py",
        "        settle_restored(self._database, self._shop, self._clock)\n",
        "",
        ("tests/system/test_cli_data_care.py", "-k", "restored"),
    ),
    Guard(
        "second path",
        "nobody hears that the mail account is dead, for the alert leaves by it",
        "daemon/delivery.py",
        "            if attempt.verdict in {Verdict.ACCEPTED, Verdict.UNKNOWN}:\n                break\n",
        "            break\n",
        ("tests/usecases/test_alerts.py", "-k", "second_path"),
    ),
    Guard(
        "desk: token of a form",
        "another page of the same browser decides in the person's name",
        "daemon/web/rooms.py",
        '            if self.method == "POST" and not self.public:\n                check_token(visit)\n',
        "",
        ("tests/desk/test_guard.py", "-k", "sessions_token"),
    ),
    Guard(
        "desk: origin of a form",
        "a web site that the person visits signs in or out for them",
        "daemon/web/guard.py",
        "        if not self._is_ours(headers):\n",
        "        if self._is_ours(headers) is None:\n",
        ("tests/desk/test_guard.py", "-k", "another_site"),
    ),
    Guard(
        "desk: name of the host",
        "a site whose name leads to this machine reads the desk",
        "daemon/web/guard.py",
        "len(named) != 1 or named[0].lower() not in self._hosts or ",
        "",
        ("tests/desk/test_guard.py", "-k", "false_name"),
    ),
    Guard(
        "desk: length of a form",
        "a form without end fills the memory",
        "daemon/web/guard.py",
        "        if self._taken > LONGEST_FORM:\n            raise TooLong\n",
        "",
        ("tests/desk/test_guard.py", "-k", "ten_megabytes"),
    ),
    Guard(
        "desk: signed in or at the door",
        "anybody who reaches the port reads the cases",
        "daemon/web/rooms.py",
        "            return self._enter(stranger) if self.public else _to_login(stranger)\n",
        "            return self._enter(stranger)\n",
        ("tests/desk/test_guard.py", "-k", "stranger"),
    ),
    Guard(
        "desk: waiting after wrong passwords",
        "the password is guessed as fast as the machine can",
        "daemon/web/pages/entrance.py",
        "        return _again(visit, 429, wait_told(visit, wait), wait)\n",
        "        wait = NONE\n",
        ("tests/desk/test_entrance.py", "-k", "guesses"),
    ),
    Guard(
        "desk: one link, one hour",
        "an old link sets another password",
        "daemon/web/invitations.py",
        " and uow.desk.invited(digest_of(token), now)\n",
        " and uow is not None\n",
        ("tests/desk/test_entrance.py", "-k", "link"),
    ),
    Guard(
        "desk: session made at the door",
        "a session that somebody else began becomes the person's",
        "daemon/web/pages/entrance.py",
        "            access.end(visit.seat.session.id)\n",
        "            pass\n",
        ("tests/desk/test_entrance.py", "-k", "somebody_else_set"),
    ),
    Guard(
        "desk: old tokens end",
        "a token that was copied once opens the desk for a week",
        "daemon/web/sessions.py",
        "    if session.digest != digest and not session.takes_previous(now):\n        return None\n",
        "",
        ("tests/desk/test_sessions.py", "-k", "every_hour"),
    ),
    Guard(
        "desk: this machine or TLS",
        "passwords and buyers' words cross the network in the clear",
        "daemon/config/web.py",
        "            if not is_open:\n",
        "            if is_open is None:\n",
        ("tests/unit/test_config_web.py", "-k", "cannot_be_used"),
    ),
)
