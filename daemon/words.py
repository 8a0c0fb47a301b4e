"""What machine words are called when a person reads them: Japanese and English."""

from __future__ import annotations

Words = dict[str, tuple[str, str]]
"""What machine words are called in Japanese and in English."""

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
    "call": ("電話", "telephone call"),
    "agent_reply": ("発送の委託先からの返事", "shipping agent's answer"),
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
    "addressed_elsewhere": ("この店の宛先ではありません", "written to an address that is not ours"),
    "disabled": ("設定で受付確認を止めています", "switched off in the configuration"),
    "history": ("見張りを始める前のメールです", "older than the first start"),
    "look_back": ("後から取り込んだものです", "taken in afterwards"),
    "too_old": ("届いてから時間がたちすぎました", "too old"),
    "too_late": ("約束できる時刻がありません", "no time left to promise"),
    "already_acknowledged": ("この案件には受付確認を送りました", "the case has its acknowledgment"),
    "already_answered": ("すでに回答しました", "answered already"),
    "cool_down": ("同じ購入者へ送ったばかりです", "this buyer had one recently"),
    "awaiting_person": ("前の受付に、まだ誰も回答していません", "the last one still waits for a person"),
    "hourly_cap": ("1時間の上限に達しました", "hourly cap reached"),
}
NOTES: Words = {
    "acknowledged": ("受付確認済み", "acknowledged"),
    "to_confirm": ("回答済みかもしれません (要確認)", "perhaps answered: confirm"),
    "undelivered": ("返信が届いていません", "answer not delivered"),
    "uncertain": ("送れたか不明", "unknown whether it left"),
    "unproven": ("送信元未確認", "not proven"),
    "snoozed": ("後回し中", "snoozed"),
    "relayed": ("Amazonの取次ぎ", "relayed"),
    "found_in_junk": ("迷惑メールで発見", "found in junk"),
    "look_back": ("後から取り込み", "taken in afterwards"),
    "history": ("開始前のメール", "before the first start"),
    "automatic": ("自動送信", "automatic"),
    "drafted": ("下書きあり", "draft waits"),
    "approved": ("返信を送信待ち", "answer waits to leave"),
}
EVENTS: Words = {
    "entered": ("記録しました", "written down"),
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
    "lesson_noted": ("原因を記録しました", "cause noted"),
    "person_says_sent": ("送信済みと判断しました", "a person says it was sent"),
    "person_resends": ("もう一度送ることにしました", "a person sends it again"),
    "person_drops": ("取り下げました", "a person dropped it"),
    "drafted": ("下書きを作りました", "drafted"),
    "draft_overtaken": ("下書きは要らなくなりました", "draft no longer needed"),
    "draft_revised": ("下書きを書き直しました", "draft rewritten"),
    "draft_discarded": ("下書きを破棄しました", "draft discarded"),
    "draft_placed": ("下書きフォルダーに入れました", "put into the Drafts folder"),
    "approved": ("返信を承認しました", "answer approved"),
    "approval_void": ("承認した返信を送りませんでした", "approved answer not sent"),
    "snoozed": ("後回しにしました", "snoozed until"),
    "inquiry_queued": ("発送の委託先に問い合わせることにしました", "inquiry of the shipping agent approved"),
    "inquiry_sent": ("発送の委託先に問い合わせました", "inquiry sent to the shipping agent"),
    "inquiry_refused": ("問い合わせが委託先に届いていません", "the inquiry did not reach the agent"),
    "support_prepared": ("出品者サポートに相談しました", "seller support asked"),
    "agent_answered": ("発送の委託先から返事が届きました", "the shipping agent answered"),
    "rating_changed": ("購入者が評価を変えました", "the buyer changed the rating"),
    "removal_step": ("評価の削除申請", "removal of the rating"),
    "noted": ("メモを残しました", "note kept"),
    "not_answered": ("まだ回答していないと確かめました", "found to be unanswered still"),
    "erased": ("購入者の情報を消去しました", "the buyer was erased"),
}
SOURCES: Words = {
    "approved": ("承認した返信", "approved reply"),
    "sent_mail": ("メールソフトから返信", "mail from another program"),
    "copy": ("Amazonの控えで確認", "Amazon's copy"),
    "command": ("回答済みと記録", "said to be answered"),
    "no_reply_needed": ("返信不要と判断", "no reply needed"),
}
APPROVAL_REFUSALS: Words = {
    "no_address": ("返信先がありません", "no address to answer to"),
    "being_sent": ("返信を送信中です", "an answer is being sent"),
    "uncertain": ("前の返信が届いたか分かりません", "unknown whether the last answer left"),
    "discarded": ("破棄した下書きです", "the draft was discarded"),
    "already_sent": ("承認済みの下書きです", "the draft was approved before"),
    "buyer_wrote_again": ("購入者から新しいメッセージが届きました", "the buyer wrote again"),
    "answered_meanwhile": ("ほかの返信が送られました", "answered another way"),
    "old_version": ("新しい版の下書きがあります", "there is a newer version"),
    "no_draft": ("下書きがありません", "there is no draft"),
    "forbidden_words": ("そのままでは送れません", "may not be sent as it is"),
    "warnings": ("注意があります", "there are warnings"),
    "draft_gone": ("下書きフォルダーから消えていました", "gone from the Drafts folder"),
    "draft_edited": ("下書きフォルダーで書き換えられていました", "edited in the Drafts folder"),
}
"""Why a draft may not be approved, or an approved one did not leave."""

INQUIRY_REFUSALS: Words = {
    "agent_not_configured": ("宛先が設定にありません", "the recipient is not configured any more"),
    "inquiry_without_account": (
        "送るメールボックスが設定にありません",
        "its mailbox is not configured",
    ),
    "inquiry_too_old": ("12時間送れませんでした", "could not leave for 12 hours"),
}
"""Why an inquiry did not leave."""

SENDING_STAGES: Words = {
    "token": ("ログインの許可を得るとき", "getting the token"),
    "connect": ("サーバーにつなぐとき", "connecting"),
    "EHLO": ("サーバーとのあいさつで", "greeting"),
    "STARTTLS": ("暗号化を始めるとき", "STARTTLS"),
    "AUTH": ("ログインのとき", "logging in"),
    "MAIL": ("差出人を伝えたとき", "naming the sender"),
    "RCPT": ("宛先を伝えたとき", "naming the recipient"),
    "DATA": ("本文を渡す前に", "offering the text"),
    "content": ("本文を渡したあと", "handing over the text"),
    "given up": ("あきらめました", "given up"),
}
"""How far the sending of a mail had come; stands before a colon."""

SENDING_TROUBLES: Words = {
    "the program ended while this was being sent": (
        "送っている途中でプログラムが終わりました",
        "the program ended while this was being sent",
    ),
    "what became of it could not be written down": (
        "送った結果を記録できませんでした",
        "what became of it could not be written down",
    ),
    "the database was restored from a backup": (
        "バックアップから戻したデータです",
        "the database was restored from a backup",
    ),
    "its copy was found": ("控えが見つかりました", "its copy was found"),
    "the mail was taken": ("メールのほうを送れました", "the mail was taken"),
    "overtaken by the next daily alert": (
        "次のお知らせメールに含めました",
        "overtaken by the next daily alert",
    ),
    "too old": ("時間がたちすぎました", "too old"),
    "the connection was lost": ("接続が切れました", "the connection was lost"),
    "Connection unexpectedly closed": ("接続が切れました", "the connection was lost"),
    "Connection reset by peer": ("接続が切れました", "the connection was lost"),
    "Broken pipe": ("接続が切れました", "the connection was lost"),
    "EOF occurred in violation of protocol": ("接続が切れました", "the connection was lost"),
    "timed out": ("サーバーから返事がありません", "the server did not answer in time"),
    "Connection refused": ("サーバーが接続を受け付けません", "the server takes no connection"),
    "Network is unreachable": ("ネットワークにつながっていません", "the network cannot be reached"),
    "No route to host": ("サーバーまで届きません", "there is no way to the server"),
    "Name or service not known": ("サーバーの名前が見つかりません", "the server's name is not known"),
    "No address associated with hostname": (
        "サーバーの名前が見つかりません",
        "the server's name is not known",
    ),
    "Temporary failure in name resolution": (
        "サーバーの名前を調べられません",
        "the server's name could not be looked up",
    ),
    "CERTIFICATE_VERIFY_FAILED": (
        "サーバーの証明書を確かめられません",
        "the server's certificate cannot be verified",
    ),
    "WRONG_VERSION_NUMBER": (
        "暗号化の方式が合いません (tls と starttls を確かめてください)",
        "the server speaks no TLS here (check tls and starttls)",
    ),
    "not ASCII": ("パスワードに使えない文字があります", "the password has signs outside of ASCII"),
    "the server offers no XOAUTH2": ("サーバーがOAuth2に対応していません", "the server offers no XOAUTH2"),
}
"""What went wrong with a mail on its way, by words that the reason holds."""

CAUSES: Words = {
    "carrier": ("運送会社", "carrier"),
    "agent_label": ("委託先の送り状", "the agent's label"),
    "packing": ("こちらの梱包", "our packing"),
    "listing": ("商品説明", "listing text"),
    "stock": ("在庫・品違い", "stock"),
    "buyer": ("お客様の都合・勘違い", "the buyer"),
    "maker": ("メーカー", "maker"),
    "absence": ("電話・対応の不在", "nobody there"),
    "none": ("問題なし", "no trouble"),
    "other": ("その他", "other"),
}
REMOVALS: Words = {
    "requested": ("申請済み", "requested"),
    "removed": ("削除されました", "removed"),
    "struck": ("取り消し線が引かれました", "struck through"),
    "refused": ("認められませんでした", "refused"),
    "bought_label_on_time": ("購入ラベルで期日どおりに発送", "shipped on time with a bought label"),
}
"""What became of the request that Amazon removes a rating."""

GROUNDS: Words = {
    "product_review": ("商品レビュー", "product review"),
    "obscene": ("わいせつ・下品な言葉", "obscene words"),
    "personal_information": ("個人情報", "personal information"),
    "fba_delivery": ("FBAの配送", "delivery by Amazon"),
    "bought_label": ("Amazonで購入したラベルの配送", "bought label"),
    "none": ("なし", "none"),
}
"""On what a request to remove a rating may rest."""

REMEDIES: Words = {
    "removal": (
        "評価管理から削除を申請できます。認められると評価が消えます。",
        "Ask for its removal in the Feedback Manager; if granted, the rating goes.",
    ),
    "strike": (
        "評価管理から申請できます。認められると取り消し線が引かれ、点数に数えられません。",
        "Ask in the Feedback Manager; if granted, it is struck through and does not count.",
    ),
    "stays": (
        "評価は残る見込みです。公開の返信と購入者への対応を検討してください。",
        "It will most likely stay: think of a public reply, and of helping the buyer.",
    ),
}
"""What Amazon does about a rating on such a ground."""

SUPPORT_MATTERS: Words = {
    "delivery": ("配送のこと", "delivery"),
    "crushed": ("箱つぶれ・破損", "crushed box"),
    "claim": ("マーケットプレイス保証の申請", "A-to-z claim"),
    "feedback": ("評価のこと", "rating"),
    "other": ("そのほか", "something else"),
}
"""What Amazon's seller support is asked about."""

WARNINGS: Words = {
    "call_back": ("折り返しの電話", "call back"),
    "important_mark": ("[重要]の印", "mark of importance"),
    "only_courtesies": ("あいさつだけの文", "only courtesies"),
    "order_missing": ("注文番号なし", "no order number"),
    "ornament": ("飾り", "ornament"),
    "rating_request": ("評価の話", "talk of ratings"),
}
"""What a person was warned of in a text and sent all the same."""

DETAILS: Words = {
    **SUPPORT_MATTERS,
    **CAUSES,
    **REMOVALS,
    **KINDS,
    **REFUSALS,
    **SOURCES,
    **APPROVAL_REFUSALS,
    **INQUIRY_REFUSALS,
    "nobody knows whether the mail left": ("sokuresu outbox で決めてください", "decide with sokuresu outbox"),
    "the answer is withdrawn": ("回答の記録を取り消しました", "the answer is withdrawn"),
    "a copy of a reply came that may have answered this": (
        "Amazonの控えが届きました",
        "a copy of a reply came",
    ),
    "a sent mail may have answered this": ("送信済みに該当しそうなメール", "a sent mail may be the answer"),
}
"""What stands in the record of a case as a reason."""

DRAFT_STATES: Words = {
    "open": ("承認待ち", "waits for approval"),
    "replaced": ("古い版", "replaced"),
    "overtaken": ("不要", "no longer needed"),
    "discarded": ("破棄", "discarded"),
    "approved": ("承認済み", "approved"),
}
DRAFT_SOURCES: Words = {
    "template": ("文例から", "from a template"),
    "command": ("コマンドで編集", "written with edit"),
    "reply": ("メールで編集", "written by mail"),
    "desk": ("画面で編集", "written at the desk"),
}
SITUATIONS: Words = {
    "how_to_use": ("使い方", "how to use"),
    "damaged": ("破損", "damaged"),
    "defective": ("不良・故障", "defective"),
    "after_30_days": ("30日経過後の不良・返品", "after 30 days"),
    "not_delivered": ("未着", "not delivered"),
    "wrong_address": ("住所の誤り", "wrong address"),
    "wrong_item": ("違う商品", "wrong item"),
    "missing_part": ("不足・欠品", "missing part"),
    "return_or_exchange": ("返品・交換", "return or exchange"),
    "cancel": ("キャンセル", "cancellation"),
    "receipt": ("領収書", "receipt"),
    "question": ("質問", "question"),
    "thanks": ("お礼", "thanks"),
    "escalation": ("苦情・法的な話", "escalation"),
    "other": ("その他", "other"),
}
FULFILMENTS: Words = {
    "fba": ("FBA", "FBA"),
    "own": ("自社発送", "own shipping"),
    "unknown": ("不明", "unknown"),
}
LANGUAGES: Words = {"ja": ("日本語", "Japanese"), "en": ("英語", "English")}
FOLDER_STATES: Words = {
    "wanted": ("下書きフォルダーに入れるところです", "about to be put into the Drafts folder"),
    "placed": ("下書きフォルダーにもあります", "lies in the Drafts folder too"),
    "removed": ("下書きフォルダーから片付けました", "removed from the Drafts folder"),
    "edited": (
        "下書きフォルダーで書き換えられ、残っています",
        "was edited in the Drafts folder and still lies there",
    ),
    "gone": (
        "下書きフォルダーからなくなりました (送信か削除)",
        "is gone from the Drafts folder: sent or deleted there",
    ),
    "left": (
        "下書きフォルダーに残っています (こちらでは消せません)",
        "lies in the Drafts folder and cannot be removed from here",
    ),
}
OUTBOX_KINDS: Words = {
    "acknowledgment": ("受付確認", "acknowledgment"),
    "approved": ("返信", "approved reply"),
    "inquiry": ("委託先への問い合わせ", "inquiry of an agent"),
    "alert": ("店主への知らせ", "alert"),
    "webhook": ("メール以外での知らせ", "alert beside mail"),
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
STAYS: Words = {
    "failed": ("まだ読み取れません。", "Reading it still fails."),
    "forged": (
        "なりすましの疑いが残っています。本物だと確かめたときだけ、案件にしてください。",
        "It still looks forged; make a case of it only if you know that it is genuine.",
    ),
    "unrecognised": ("まだ読み取れる規則がありません。", "There is still no rule that reads it."),
    "undelivered": ("どの案件のものか分かりません。", "No case fits it."),
    "known": ("同じメッセージの案件がすでにあります。", "A case has the same message already."),
    "no_case": (
        "案件になる種類のメールとして読めません。",
        "It cannot be read as a mail that belongs into a case.",
    ),
}
"""Why a mail stays in quarantine after a person decided about it."""

RETURN_STEPS: Words = {
    "arrived": ("商品が届く (未開封か、開封済みか)", "the item arrives (unopened or opened)"),
    "settled": ("再出品するか、廃棄する", "list it again, or write it off"),
    "arrived_unopened": ("届きました (未開封)", "arrived unopened"),
    "arrived_opened": ("届きました (開封済み)", "arrived opened"),
    "inspect": ("メモと状態を確かめる", "look at the note and the state"),
    "inspected": ("メモと状態を確かめました", "note and state inspected"),
    "relisted": ("再出品しました", "listed again"),
    "written_off": ("廃棄しました", "written off"),
}
"""The steps of a return, done and ahead."""

CONDITIONS: Words = {
    "used_like_new": ("ほぼ新品", "used - like new"),
    "very_good": ("非常に良い", "used - very good"),
    "good": ("良い", "used - good"),
    "acceptable": ("可", "used - acceptable"),
}
"""Amazon's words for the condition of used items."""

CHECKS: Words = {
    "box": ("外箱", "box"),
    "accessories": ("付属品", "accessories"),
    "scratches": ("傷や汚れ", "scratches and marks"),
    "tested": ("動作", "function"),
}
"""What is checked of a returned item."""

REFUND_STEPS: Words = {
    "proposed": ("返金額を決めました", "refund proposed"),
    "refunded": ("返金しました", "refunded"),
}
"""The steps of a refund."""
