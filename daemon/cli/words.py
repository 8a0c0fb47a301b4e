"""What machine words are called when a person reads them: Japanese and English."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from daemon.cli.showing import Words

KINDS: Words = {
    "buyer_message": ("お問い合わせ", "message"),
    "reply_copy": ("送信したメッセージの控え", "copy of a reply"),
    "delivery_failure": ("購入者に届かなかったお知らせ", "delivery failure"),
    "return_request": ("返品リクエスト", "return request"),
    "refund": ("返金のお知らせ", "refund"),
    "cancellation_request": ("キャンセルリクエスト", "cancellation request"),
    "claim": ("マーケットプレイス保証の申請", "A-to-z claim"),
    "feedback": ("出品者の評価", "seller feedback"),
    "order_notice": ("注文のお知らせ", "order notice"),
    "amazon_notice": ("Amazonのその他のお知らせ", "other Amazon notice"),
    "unrecognised_amazon": ("読み取れないAmazonからのメール", "unrecognised Amazon mail"),
    "unrelated": ("関係のないメール", "unrelated"),
}
STATES: Words = {
    "open": ("未回答", "open"),
    "answered": ("回答済み", "answered"),
    "closed": ("終了", "closed"),
}
PROOFS: Words = {
    "pass": ("送信元を確認できました", "sender proven"),
    "fail": ("なりすましの疑いがあります", "may be forged"),
    "none": ("送信元を確認できません", "sender not proven"),
}
REFUSALS: Words = {
    "not_a_buyer_message": ("購入者からのメッセージではありません", "not a buyer's message"),
    "forged": ("なりすましの疑いがあります", "may be forged"),
    "not_proven": ("送信元を確認できません", "sender not proven"),
    "several_senders": ("差出人が複数あります", "several senders"),
    "automatic": ("自動返信です", "an automatic reply"),
    "relayed": ("Amazonカスタマーサービスが取り次いだものです", "relayed by Amazon's customer service"),
    "thanks": ("お礼だけの内容です", "merely thanks"),
    "disabled": ("設定で受付確認を止めています", "switched off in the configuration"),
    "history": ("見張りを始める前のメールです", "older than the first start"),
    "look_back": ("後から取り込んだものです", "taken in afterwards"),
    "too_old": ("届いてから時間がたちすぎました", "too old"),
    "too_late": ("約束できる時刻がありません", "no time left to promise"),
    "already_acknowledged": ("この案件には受付確認を送りました", "the case has its acknowledgment"),
    "already_answered": ("すでに回答しました", "answered already"),
    "cool_down": ("同じ購入者へ送ったばかりです", "this buyer had one recently"),
    "hourly_cap": ("1時間の上限に達しました", "hourly cap reached"),
}
NOTES: Words = {
    "acknowledged": ("受付確認済み", "acknowledged"),
    "to_confirm": ("回答済みかもしれません (要確認)", "perhaps answered: confirm"),
    "undelivered": ("返信が届いていません", "answer not delivered"),
    "unproven": ("送信元未確認", "not proven"),
    "snoozed": ("後回し中", "snoozed"),
    "relayed": ("Amazonの取次ぎ", "relayed"),
    "found_in_junk": ("迷惑メールで発見", "found in junk"),
    "look_back": ("後から取り込み", "taken in afterwards"),
    "history": ("開始前のメール", "before the first start"),
    "automatic": ("自動送信", "automatic"),
}
EVENTS: Words = {
    "message_stored": ("メールが届きました", "mail came"),
    "proven": ("送信元を確認できました", "sender proven by a later copy"),
    "accepted": ("保留から案件にしました", "taken out of quarantine"),
    "acknowledgment_queued": ("受付確認を送ることにしました", "acknowledgment decided"),
    "acknowledgment_refused": ("受付確認は送りません", "no acknowledgment"),
    "acknowledged": ("受付確認を送りました", "acknowledged"),
    "uncertain": ("送れたか分かりません", "nobody knows whether it left"),
    "to_confirm": ("回答済みかもしれません", "perhaps answered"),
    "answered": ("回答しました", "answered"),
    "answer_failed": ("届かなかった返信が見つかりました", "found the answer that failed"),
    "undelivered": ("返信が届きませんでした", "answer not delivered"),
    "closed": ("終了しました", "closed"),
    "person_says_sent": ("送信済みと判断しました", "a person says it was sent"),
    "person_resends": ("もう一度送ることにしました", "a person sends it again"),
    "person_drops": ("取り下げました", "a person dropped it"),
}
SOURCES: Words = {
    "approved": ("承認した返信", "approved reply"),
    "sent_mail": ("メールソフトから返信", "mail from another program"),
    "copy": ("Amazonの控えで確認", "Amazon's copy"),
    "command": ("コマンドで回答済みに", "command"),
    "no_reply_needed": ("返信不要と判断", "no reply needed"),
}
DETAILS: Words = {
    **KINDS,
    **REFUSALS,
    **SOURCES,
    "nobody knows whether the mail left": ("sokuresu outbox で決めてください", "decide with sokuresu outbox"),
    "the answer is withdrawn": ("回答の記録を取り消しました", "the answer is withdrawn"),
    "a copy of a reply came that may have answered this": (
        "Amazonの控えが届きました",
        "a copy of a reply came",
    ),
    "a sent mail may have answered this": ("送信済みに該当しそうなメール", "a sent mail may be the answer"),
}
"""What stands in the record of a case as a reason."""

OUTBOX_KINDS: Words = {
    "acknowledgment": ("受付確認", "acknowledgment"),
    "approved": ("返信", "approved reply"),
    "alert": ("店主への知らせ", "alert"),
    "webhook": ("Webhookへの知らせ", "webhook alert"),
}
OUTBOX_STATES: Words = {
    "queued": ("送信待ち", "queued"),
    "sending": ("送信中", "sending"),
    "sent": ("送信済み", "sent"),
    "deferred": ("再送待ち", "deferred"),
    "refused": ("送れませんでした", "refused"),
    "uncertain": ("送れたか不明", "uncertain"),
    "withdrawn": ("取り下げ", "withdrawn"),
}
QUARANTINE: Words = {
    "forged": ("なりすましの疑い", "looks forged"),
    "failed": ("処理に失敗", "reading failed"),
    "unrecognised": ("読み取る規則がない", "no rule reads it"),
    "undelivered": ("どの案件か不明な不達", "undelivered, no case fits"),
}
