"""What a page says on top after something was done; only these words can be said by an address."""

from __future__ import annotations

NOTICES: dict[str, tuple[str, str]] = {
    "answered": ("回答済みにしました。", "Marked as answered."),
    "approved": (
        "承認しました。サービスがすぐに送ります。",
        "Approved; the service sends it at once.",
    ),
    "approved_waiting": (
        "承認しました。サービスが止まっているので、動き出したら送ります。",
        "Approved. The service is not running; it is sent as soon as it runs.",
    ),
    "approved_before": (
        "この返信はすでに承認済みです。二重に送ることはありません。",
        "This answer was approved before; it is not sent twice.",
    ),
    "redrafted": (
        "選んだ文例で作り直しました。前の文は「これまでの版」にあります。",
        "Drafted anew as chosen; what stood there before is among the versions.",
    ),
    "discarded": ("下書きを破棄しました。", "The draft was thrown away."),
    "no_reply_needed": ("返信不要にしました。", "Marked as needing no reply."),
    "noted": ("メモを残しました。", "The note was kept."),
    "saved": ("保存しました。", "Saved."),
    "snoozed": ("後回しにしました。", "Put off for later."),
    "password_changed": (
        "パスワードを変えました。ほかの端末はログアウトしました。",
        "The password is changed; every other device is signed out.",
    ),
    "password_set": ("パスワードを決めました。ようこそ。", "The password is set. Welcome."),
    "signed_out": ("ログアウトしました。", "You are signed out."),
    "closed": ("案件を終了しました。", "The case is closed."),
    "recorded": ("記録しました。", "Noted."),
    "refund_drafted": (
        "返信の下書きにしました。まだ送っていません。",
        "Kept as the draft of the answer; nothing was sent yet.",
    ),
    "refund_noted": (
        "返金額を記録しました。まだ返金していません。",
        "The amount is noted; nothing was refunded.",
    ),
    "refund_made": ("返金したことを記録しました。", "Noted that it was refunded."),
    "inquiry_queued": (
        "問い合わせを送ります。返事は案件に加わり、すぐにお知らせします。",
        "The inquiry leaves now; the answer joins the case, and you are told at once.",
    ),
    "inquiry_waiting": (
        "問い合わせを送信待ちにしました。サービスが止まっているので、動き出したら送ります。",
        "The inquiry waits. The service is not running; it is sent as soon as it runs.",
    ),
    "inquiry_before": (
        "この問い合わせはすでに送りました。二重に送ることはありません。",
        "This inquiry went before; it is not sent twice.",
    ),
    "lesson_noted": ("原因と再発防止を記録しました。", "The cause and the prevention are noted."),
    "report_queued": ("店主へのメールを送信待ちにしました。", "The mail to the owner is queued."),
    "drafted": (
        "下書きにしました。まだ送っていません。",
        "It is a draft now; nothing was sent.",
    ),
    "removal_requested": (
        "申請したことを記録しました。結果が出たら、ここに記録してください。",
        "The request is on record; note here what becomes of it.",
    ),
    "removal_late": (
        "申請したことを記録しました。評価から90日を過ぎているため、認められないかもしれません。",
        "The request is on record. More than 90 days have passed since the rating; it may be refused.",
    ),
    "removal_removed": (
        "削除されたことを記録しました。点数に数えません。",
        "On record: it was removed, and does not count any more.",
    ),
    "removal_struck": (
        "取り消し線が引かれたことを記録しました。点数に数えません。",
        "On record: it was struck through, and does not count any more.",
    ),
    "removal_refused": (
        "認められなかったことを記録しました。公開の返信と購入者への対応が残っています。",
        "On record: it was refused. What is left is the public reply, and helping the buyer.",
    ),
    "fact_noted": ("記録しました。", "It is on record."),
    "rating_entered": ("評価を記録しました。", "The rating is on record."),
    "rating_added_to": (
        "記録してあった評価に書き加えました。",
        "The rating was known; what is new was added.",
    ),
    "rating_known": (
        "その評価は記録してあります。何も変わっていません。",
        "That rating is on record; nothing was changed.",
    ),
    "rating_finished": ("評価への対応を終えました。", "You are done with this rating."),
    "call_opened": (
        "電話を記録しました。新しい案件です。",
        "The call is written down, in a new case.",
    ),
    "call_joined": (
        "電話を記録し、この案件に加えました。",
        "The call is written down, and joined this case.",
    ),
    "call_known": (
        "その電話は記録してあります。二重には書いていません。",
        "That call is written down; nothing was written twice.",
    ),
    "newer_waits": (
        "記録しました。そのあとに届いたメッセージは未回答のままです。",
        "Noted. What came after that still waits for an answer.",
    ),
    "not_answered": (
        "未回答のままにしました。期限は止まりません。",
        "It stays unanswered; its deadlines go on.",
    ),
    "support_noted": (
        "出品者サポートに相談したことを記録しました。",
        "Noted that seller support was asked.",
    ),
    "outbox_sent": ("送信済みにしました。", "Marked as sent."),
    "outbox_resent": ("もう一度送ります。", "It is sent once more."),
    "outbox_dropped": ("取り下げました。", "Given up."),
    "outbox_unchanged": (
        "すでに決まったか、その間に状態が変わりました。何もしていません。",
        "It was decided before, or it changed meanwhile. Nothing was done.",
    ),
    "quarantine_accepted": (
        "保留から案件にしました。受付確認は送りません。",
        "Taken out of quarantine; nothing is acknowledged.",
    ),
    "quarantine_read": ("読み取れました。", "It was read."),
    "quarantine_dropped": ("片付けました。", "Settled."),
    "quarantine_settled": (
        "そのメールは、もう保留にありません。",
        "That mail is not in quarantine any more.",
    ),
    "nothing": ("変わったことはありません。", "Nothing changed."),
}
"""Word of the address, what it says in Japanese and in English."""
