"""What the tables and keys of the configuration are called in a shop."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from daemon.words import Words

HEADINGS: Words = {
    "": ("記録の置き場所", "Where the records are"),
    "shop": ("お店", "The shop"),
    "mailbox": ("メールボックス", "Mailbox"),
    "mailbox.imap": ("受信サーバー", "Server that mail is read from"),
    "mailbox.smtp": ("送信サーバー", "Server that mail leaves by"),
    "mailbox.oauth": ("パスワードを使わないログイン", "Login without a password"),
    "mailbox.acknowledge": ("このメールボックスの受付確認", "Acknowledgments of this mailbox"),
    "acknowledge": ("受付確認", "Acknowledgments"),
    "alerts": ("店主への知らせ", "Alerts to the owner"),
    "alerts.smtp": ("知らせのもう一つの送信サーバー", "Another server for alerts"),
    "alerts.chatwork": ("Chatworkへの知らせ", "Alerts in Chatwork"),
    "ping": ("外からの見張り", "Watch from outside"),
    "drafts": ("返信の下書き", "Drafts of answers"),
    "report": ("報告", "Reports"),
    "retention": ("保存期間", "How long things are kept"),
    "orders": ("取り込んだ注文", "Imported orders"),
    "shipping_agent": ("発送の委託先", "Shipping agent"),
    "feedback_rule": ("お店が加えた評価の通知の規則", "The shop's own rule for notices of ratings"),
    "web": ("この画面", "This desk"),
}
"""Every table, by its name in the file."""

LABELS: Words = {
    "database_url": ("データベース", "Database"),
    "shop.name": ("店名", "Name"),
    "shop.owner_email": ("店主のアドレス", "The owner's address"),
    "shop.timezone": ("時間帯", "Time zone"),
    "shop.country": ("祝日の暦", "Public holidays of"),
    "shop.language": ("知らせの言語", "Language of the alerts"),
    "shop.opening_time": ("開店", "Opens"),
    "shop.closing_time": ("閉店", "Closes"),
    "shop.closed_on": ("休み", "Closed on"),
    "acknowledge.enabled": ("すぐに受付を返す", "Acknowledge at once"),
    "acknowledge.max_age": ("これより古ければ返さない", "None for what is older than"),
    "acknowledge.cool_down": ("同じ購入者には、この間に1通", "One to a buyer within"),
    "acknowledge.hourly_cap": ("1時間の上限(通)", "At most in an hour"),
    "mailbox.name": ("名前", "Name"),
    "mailbox.address": ("Amazonに登録したアドレス", "Address registered with Amazon"),
    "mailbox.username": ("ログイン名", "Logs in as"),
    "mailbox.password_file": ("パスワード", "Password"),
    "mailbox.poll_interval": ("見に行く間隔", "Looks at least every"),
    "mailbox.folders": ("見るフォルダー", "Folders watched"),
    "mailbox.sent_folder": ("送信済みのフォルダー", "Sent folder"),
    "mailbox.drafts_folder": ("下書きのフォルダー", "Drafts folder"),
    "mailbox.junk_folder": ("迷惑メールのフォルダー", "Junk folder"),
    "mailbox.save_sent": ("送信済みに控えを入れる", "File a copy of what was sent"),
    "mailbox.authserv_id": ("送信元の確認を任せるサーバー", "Whose proof of the sender is believed"),
    "mailbox.oauth.provider": ("提供元", "Provider"),
    "mailbox.oauth.client_id": ("クライアントID", "Client id"),
    "mailbox.oauth.client_secret_file": ("クライアントの秘密", "The client's secret"),
    "mailbox.oauth.tenant": ("組織", "Organisation"),
    "mailbox.oauth.token_file": ("ログインの記録の場所", "Where the login is kept"),
    "mailbox.acknowledge.enabled": ("すぐに受付を返す", "Acknowledge at once"),
    "mailbox.acknowledge.max_age": ("これより古ければ返さない", "None for what is older than"),
    "mailbox.acknowledge.cool_down": ("同じ購入者には、この間に1通", "One to a buyer within"),
    "mailbox.acknowledge.hourly_cap": ("1時間の上限(通)", "At most in an hour"),
    "alerts.times": ("毎日の時刻(閉店時刻のほかに)", "Every day at (besides closing time)"),
    "alerts.quiet_hours": ("新着の知らせを待つ時間", "News waits during"),
    "alerts.all_answered": ("すべて回答済みの日も知らせる", "Say so when all is answered"),
    "alerts.second_path": ("メール以外の知らせを使う", "Alerts beside mail are used"),
    "alerts.webhook_url_file": ("WebhookのURL", "The webhook's URL"),
    "alerts.apprise_urls_file": ("appriseの通知先", "Addresses for apprise"),
    "alerts.smtp.address": ("差出人", "From"),
    "alerts.smtp.username": ("ログイン名", "Logs in as"),
    "alerts.smtp.password_file": ("パスワード", "Password"),
    "alerts.chatwork.room": ("部屋の番号", "Room"),
    "alerts.chatwork.token_file": ("APIトークン", "API token"),
    "ping.url_file": ("見張りのURL", "The watch's URL"),
    "ping.interval": ("間隔", "Every"),
    "drafts.in_mailbox": ("メールの下書きフォルダーにも入れる", "Also put into the Drafts folder"),
    "drafts.fulfilment": ("通知から分からない注文の発送", "Who ships where no notice tells"),
    "drafts.templates": ("お店の文例のフォルダー", "Folder of the shop's own templates"),
    "report.weekly": ("週に一度の短い報告", "A line every week"),
    "report.monthly": ("月に一度の報告", "A report every month"),
    "retention.raw": ("メールそのものと電話の記録", "Mails themselves, records of calls"),
    "orders.buyer_key_file": ("購入者を見分ける鍵の場所", "Key by which buyers are told apart"),
    "shipping_agent.address": ("アドレス", "Address"),
    "shipping_agent.name": ("宛名", "Addressed as"),
    "shipping_agent.language": ("問い合わせの言語", "Language of inquiries"),
    "feedback_rule.sender": ("差出人", "Sender"),
    "feedback_rule.subject": ("件名に含まれるもの", "The subject contains"),
    "feedback_rule.rating": ("星の数の読み方", "How the stars are read"),
    "web.listen": ("待ち受けるアドレス", "Listens on"),
    "web.port": ("ポート", "Port"),
    "web.address": ("開くときのアドレス", "Opened as"),
    "web.certificate_file": ("証明書", "Certificate"),
    "web.key_file": ("証明書の鍵の場所", "Where the certificate's key is"),
    "web.open_without_tls": ("暗号化なしでほかの機械に開く", "Open to others without encryption"),
    **{
        f"{table}.{key}": words
        for table in ("mailbox.imap", "mailbox.smtp", "alerts.smtp")
        for key, words in {
            "host": ("サーバー", "Server"),
            "port": ("ポート", "Port"),
            "security": ("通信の保護", "Protection"),
            "ca_file": ("認証局の証明書", "The authority's certificates"),
        }.items()
    },
}
"""Every key, by its table and name in the file."""

ABSENT: Words = {
    "mailbox.sent_folder": ("自動で見つけます", "found by itself"),
    "mailbox.drafts_folder": ("自動で見つけます", "found by itself"),
    "mailbox.junk_folder": ("自動で見つけます", "found by itself"),
    "mailbox.authserv_id": (
        "なし(メールのDKIM署名をこちらで確かめます)",
        "nobody; the mail's DKIM signature is checked here",
    ),
    "mailbox.oauth": ("使いません(パスワードでログイン)", "not used; it logs in with a password"),
    "mailbox.oauth.tenant": ("指定なし", "any"),
    "alerts.quiet_hours": ("なし(いつでも知らせます)", "none; news comes at any time"),
    "alerts.smtp.username": ("ログインしません", "nobody logs in"),
    "drafts.fulfilment": ("決めていません(下書きで選びます)", "not decided; chosen in the draft"),
    "drafts.templates": ("なし(内蔵の文例を使います)", "none; the built-in ones are used"),
    "shipping_agent.name": ("指定なし", "not given"),
    "shipping_agent.language": ("お店の言語", "the shop's"),
    "feedback_rule.subject": ("どんな件名でも", "anything"),
    "feedback_rule.rating": ("決まった読み方で探します", "looked for in the usual ways"),
    "web.certificate_file": ("なし", "none"),
    "web.key_file": ("証明書と同じファイル", "in the certificate's file"),
}
"""What it means that a key is not there; others are simply none."""

CHOICES: Words = {
    "shop.language.ja": ("日本語", "Japanese"),
    "shop.language.en": ("英語", "English"),
    "shop.country.JP": ("日本", "Japan"),
    "shipping_agent.language.ja": ("日本語", "Japanese"),
    "shipping_agent.language.en": ("英語", "English"),
    "alerts.second_path.always": ("メールと一緒にいつも", "always, beside mail"),
    "alerts.second_path.when_mail_fails": ("メールが使えないときだけ", "only when mail fails"),
    "mailbox.save_sent.auto": ("サーバーが入れないときだけ", "unless the server does"),
    "mailbox.save_sent.always": ("いつも", "always"),
    "mailbox.save_sent.never": ("入れません", "never"),
    "mailbox.oauth.provider.google": ("Google", "Google"),
    "mailbox.oauth.provider.microsoft": ("Microsoft", "Microsoft"),
    "mailbox.authserv_id.(none)": (
        "名前を書かないサーバー(Microsoft 365)",
        "one without a name (Microsoft 365)",
    ),
    "drafts.fulfilment.fba": ("FBA", "FBA"),
    "drafts.fulfilment.own": ("自社発送", "own shipping"),
}
"""Words of the file that have another name in a shop, by table, key and word."""

SECURITY: Words = {
    "tls": ("TLSで暗号化", "TLS"),
    "starttls": ("STARTTLSで暗号化", "STARTTLS"),
    "none": ("暗号化なし(この計算機の中だけ)", "none (this machine only)"),
}

WEEKDAYS = (
    ("月曜", "Monday"),
    ("火曜", "Tuesday"),
    ("水曜", "Wednesday"),
    ("木曜", "Thursday"),
    ("金曜", "Friday"),
    ("土曜", "Saturday"),
    ("日曜", "Sunday"),
)
UNITS = (
    (86400, "日", "d"),
    (3600, "時間", "h"),
    (60, "分", "min"),
    (1, "秒", "s"),
)
"""Seconds of each, and how a length of time says them."""

CONFIDENCES: Words = {
    "seen": ("実物で確認", "seen on real mail"),
    "secondary": ("人から聞いた", "told by others"),
    "assumed": ("推測", "assumed"),
}
"""How sure a rule is."""

RULES: Words = {
    "notices": ("Amazonの通知の見分け方", "How Amazon's notices are told apart"),
    "markers": ("購入者の文の始まりと終わり", "Where the buyer's own text begins and ends"),
    "relay": ("Amazonの取次ぎの見分け方", "How what Amazon relays is told"),
    "quoting": ("引用の見分け方", "How quotations are told"),
    "intent": ("購入者の用件の見分け方", "How it is told what a buyer wants"),
    "feedback": ("評価の通知の見分け方", "How notices of ratings are told"),
    "comments": ("評価のコメントの読み方", "How comments of ratings are read"),
    "orders": ("発送元と日付の読み方", "How shipping and days are read"),
    "marketplaces": ("Amazonの各国のサイト", "Amazon's marketplaces"),
    "links": ("返信不要のリンク", "Links that say that no answer is needed"),
    "owner_mail": ("店主のメールの読み方", "How the owner's mail is read"),
    "reports": ("取り込むレポートの列", "Columns of imported reports"),
}
"""Every file of rules, by its name."""

RULE_TABLES: Words = {
    "marker": ("区切りの言葉", "words of the frame"),
    "labels": ("見出しの言葉", "labels"),
    "footers": ("末尾の定型文", "footers"),
    "opening": ("始まりの文", "opening"),
    "closing": ("終わりの文", "closing"),
    "order": ("注文番号の見出し", "label of the order"),
    "details": ("内容の見出し", "label of the details"),
    "reason": ("理由の見出し", "label of the reason"),
    "senders": ("Amazonの差出人", "Amazon's senders"),
    "attribution": ("引用の前の1行", "the line above a quotation"),
    "divider": ("引用の仕切り", "the divider of a quotation"),
    "headers": ("引用の見出し", "headers of a quotation"),
    "signature": ("署名", "signature"),
    "greetings": ("あいさつ", "greetings"),
    "topic": ("話題", "topic"),
    "topic.product": ("商品の話", "about the product"),
    "topic.delivery": ("配送の話", "about the delivery"),
    "topic.packing": ("梱包の話", "about the packing"),
    "topic.damage": ("破損の話", "about damage"),
    "topic.price": ("値段の話", "about the price"),
    "topic.seller": ("店の対応の話", "about the seller"),
    "thanks": ("お礼", "thanks"),
    "courtesy": ("あいさつ", "courtesies"),
    "question": ("質問", "questions"),
    "denial": ("打ち消し", "denials"),
    "carrier": ("運送会社", "carrier"),
    "exchanged": ("交換の話", "exchanges"),
    "neutral": ("どちらでもない言葉", "neutral words"),
    "obscene": ("わいせつ・下品な言葉", "obscene words"),
    "personal_information": ("個人情報", "personal information"),
    "copy_name": ("購入者の名前", "the buyer's name"),
    "opted_out": ("受け取らない購入者", "buyers who opted out"),
    "refund_amount": ("返金額", "amount of a refund"),
    "return_labels": ("返品の見出し", "labels of a return"),
    "host": ("リンク先のサーバー", "host of the link"),
    "no_response": ("リンクの形", "form of the link"),
    "products": ("商品の行", "lines of products"),
    "days": ("日付の見出し", "labels of days"),
    "sign_off": ("末尾の署名", "sign-off of an app"),
    "alert_head": ("知らせの書き出し", "how alerts begin"),
    "rating_words": ("星の言葉", "words for stars"),
    "orders.column": ("注文レポートの列", "column of the order report"),
    "orders.channel": ("発送元の言葉", "words for who ships"),
    "orders.decimals": ("金額の形", "form of amounts"),
    "orders.tax_apart": ("税の扱い", "how tax is shown"),
    "feedback.column": ("評価レポートの列", "column of the feedback report"),
}
"""What the tables of those files hold, where the entries do not say it themselves."""

RULE_LANGUAGES: Words = {
    "ja": ("日本語", "Japanese"),
    "en": ("英語", "English"),
    "de": ("ドイツ語", "German"),
    "fr": ("フランス語", "French"),
    "it": ("イタリア語", "Italian"),
    "es": ("スペイン語", "Spanish"),
    "pt": ("ポルトガル語", "Portuguese"),
    "nl": ("オランダ語", "Dutch"),
    "sv": ("スウェーデン語", "Swedish"),
    "pl": ("ポーランド語", "Polish"),
    "tr": ("トルコ語", "Turkish"),
    "zh": ("中国語", "Chinese"),
}
