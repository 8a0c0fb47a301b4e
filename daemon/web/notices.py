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
    "discarded": ("下書きを破棄しました。", "The draft was thrown away."),
    "no_reply_needed": ("返信不要にしました。", "Marked as needing no reply."),
    "noted": ("メモを残しました。", "The note was kept."),
    "saved": ("保存しました。", "Saved."),
    "snoozed": ("後回しにしました。", "Put off for later."),
    "signed_out": ("ログアウトしました。", "You are signed out."),
    "closed": ("案件を終了しました。", "The case is closed."),
    "nothing": ("変わったことはありません。", "Nothing changed."),
}
"""Word of the address, what it says in Japanese and in English."""
