"""What happens from Friday morning to Saturday noon, and what the service is expected to make of it.

Everybody in it is invented. The instants are those of Japan. 20 November 2026 is a Friday, and the Monday
after it a public holiday.
"""

from __future__ import annotations

from datetime import datetime

from daemon.demo import after_care, mails
from daemon.demo.events import (
    TOKYO,
    Arrives,
    ComesBack,
    Decides,
    Event,
    Expected,
    ExpectedAlert,
    Remarks,
    Replies,
    Taps,
)
from daemon.demo.letters import Writer
from daemon.demo.mails import Proof
from daemon.demo.people import (
    ALICE,
    INOUE,
    ISHII,
    KIMURA,
    KOBAYASHI,
    MORI,
    NAKATA,
    SASAKI,
    TAKAHASHI,
    WATANABE,
    YAMAMOTO,
)
from daemon.demo.postbox import JUNK
from daemon.demo.words import Line
from daemon.reading.arrivals import Outcome
from parsers.values import Refusal


def _friday(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 20, hour, minute, tzinfo=TOKYO)


def _saturday(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 21, hour, minute, tzinfo=TOKYO)


RATED_WELL = "250-2049917-6637281"

SEND = "この下書きを送る"
REWRITE = "文面を書き直す"

CRUSHED = (
    "本日商品を受け取りましたが、箱の角がつぶれていました。中身は無事のようですが、贈り物にするつもりだったので"
    "残念です。どうすればよいでしょうか。"
)
HOW_TO = "説明書を読んでも、タイマーの設定の仕方が分かりません。使い方を教えてください。"
AWAY = "自動返信: ただいま休暇をいただいております。11月24日以降に確認いたします。"
CANCEL = (
    "今朝注文した木製スマホスタンドですが、色を間違えました。まだ間に合うようでしたら、"
    "キャンセルをお願いします。"
)
INVOICE = "領収書の発行をお願いします。宛名は森商事でお願いします。"
PHISHING = "至急ご確認ください。アカウントが停止されます。 http://evil.example/login"
IN_STOCK = "この水筒に黒色はありますか？食洗機でも洗えますか？"
THANKS = "無事に届きました。とても気に入っています。ありがとうございました。"
WHERE = "Hello, my order has not arrived yet. It was due on Wednesday. Could you check where it is?"
COLOURS = "佐々木 亮 様\n\n黒色の在庫がございます。食洗機にも対応しております。\n\nまい商店 店主"
ASKS_FOR_STARS = (
    "井上 直樹 様\n\nご注文番号 503-2985514-6671039のお届けが遅れ、申し訳ございません。\n"
    "運送会社に確認し、明日の午前に着く見込みです。\n届きましたら、評価を星5つに変更していただけませんか。\n\n"
    "まい商店 店主"
)
APOLOGISES = (
    "井上 直樹 様\n\nご注文番号 503-2985514-6671039のお届けが遅れ、お返事もできず、誠に申し訳ございません。\n"
    "運送会社に確認し、明日の午前に着く見込みです。届かない場合は全額をご返金いたします。\n\nまい商店 店主"
)
LATE = (
    "今朝届く予定の加湿器がまだ届きません。お店の電話もつながらず困っています。来客までに必要です。"
    "いつ届きますか？"
)

CRUSHED_MAIL = mails.buyer_message(YAMAMOTO, CRUSHED, _friday(9, 20))
HOW_TO_MAILS = tuple(mails.buyer_message(KIMURA, HOW_TO, _friday(9, 40), copy=copy) for copy in (1, 2, 3))
INVOICE_MAIL = mails.buyer_message(MORI, INVOICE, _friday(10, 30), proof=Proof.MISSING)
IN_STOCK_MAIL = mails.buyer_message(SASAKI, IN_STOCK, _friday(13, 10))
RELAYED_MAIL = mails.relayed_message(
    INOUE, "配送状況", "予定日を過ぎても届いていないとのことです。", _friday(13, 40)
)

_ACKNOWLEDGED = Expected(Outcome.OPENED, acknowledged=True)
_COPY = Expected(Outcome.ALREADY_KNOWN)

START = _friday(8, 50)
END = after_care.END

_TWO_DAYS: tuple[Event, ...] = (
    Arrives(
        _friday(9, 5),
        Line("文具の通販からのメールマガジン", "a newsletter"),
        mails.other_mail(
            "文具だより",
            "news@letters.example",
            "秋の新作ノートのご案内",
            "表紙は全六色です。",
            _friday(9, 5),
        ),
        Expected(None),
    ),
    Arrives(
        _friday(9, 10),
        Line("Amazon: 注文が入りました（石井 遥さん）", "Amazon: an order came in"),
        mails.order_notice(ISHII, _friday(9, 10)),
        Expected(Outcome.COUNTED),
        learnt=Line("店から発送する注文だと覚えておきます", "remembered: the shop itself ships it"),
    ),
    Arrives(
        _friday(9, 12),
        Line("Amazon: 注文が入りました（小林 恵さん）", "Amazon: another order came in"),
        mails.order_notice(KOBAYASHI, _friday(9, 12), amazon_ships=True),
        Expected(Outcome.COUNTED),
        learnt=Line("Amazonが発送する注文だと覚えておきます", "remembered: Amazon ships it"),
    ),
    Arrives(
        _friday(9, 20),
        Line("購入者 山本 美咲さん: 箱がつぶれていた", "a buyer: the box is crushed"),
        CRUSHED_MAIL,
        _ACKNOWLEDGED,
        CRUSHED,
    ),
    ComesBack(_friday(9, 23), YAMAMOTO),
    Arrives(
        _friday(9, 40),
        Line("購入者 木村 健さん: 使い方を知りたい", "a buyer: how to use it"),
        HOW_TO_MAILS[0],
        _ACKNOWLEDGED,
        HOW_TO,
    ),
    Arrives(
        _friday(9, 40), Line("同じメッセージの2通目", "the same message mailed again"), HOW_TO_MAILS[1], _COPY
    ),
    Arrives(_friday(9, 41), Line("同じメッセージの3通目", "and a third time"), HOW_TO_MAILS[2], _COPY),
    Arrives(
        _friday(9, 45),
        Line("木村さんの休暇の自動返信", "that buyer's vacation reply, through Amazon's alias"),
        mails.buyer_message(KIMURA, AWAY, _friday(9, 45)),
        Expected(Outcome.JOINED, Refusal.AUTOMATIC),
        AWAY,
    ),
    Arrives(
        _friday(10, 5),
        Line("友人からの飲み会の誘い", "a friend"),
        mails.other_mail(
            "健太", "kenta@friends.example", "来週の飲み会", "水曜の7時はどう？", _friday(10, 5)
        ),
        Expected(None),
    ),
    Arrives(
        _friday(10, 15),
        Line("購入者を装ったメール（認証に失敗）", "a forged mail: its authentication failed"),
        mails.buyer_message(NAKATA, PHISHING, _friday(10, 15), proof=Proof.FAIL),
        Expected(Outcome.QUARANTINED),
        PHISHING,
    ),
    Arrives(
        _friday(10, 30),
        Line(
            "購入者 森 由美子さん: 領収書（認証結果なし）", "a buyer: an invoice; nothing proves the sender"
        ),
        INVOICE_MAIL,
        Expected(Outcome.OPENED, Refusal.NOT_PROVEN),
        INVOICE,
    ),
    Replies(
        _friday(10, 50),
        YAMAMOTO,
        CRUSHED_MAIL,
        "山本 美咲 様\n\nこのたびは箱がつぶれた状態でのお届けとなり、誠に申し訳ございません。\n"
        "贈り物用の外箱を本日お送りいたします。到着まで2日ほどお待ちください。\n\nまい商店 店主",
    ),
    Arrives(
        _friday(11, 20),
        Line("迷惑メールフォルダーの広告", "advertising, in the junk folder"),
        mails.other_mail(
            "当選係", "win@prizes.example", "おめでとうございます", "応募はこちら。", _friday(11, 20)
        ),
        Expected(None),
        folder=JUNK,
    ),
    Arrives(
        _friday(11, 30),
        Line("購入者 石井 遥さん: キャンセルしたい", "a buyer: please cancel"),
        mails.buyer_message(ISHII, CANCEL, _friday(11, 30)),
        _ACKNOWLEDGED,
        CANCEL,
    ),
    Taps(_friday(12, 10), SEND, ISHII, "承認しました", answered=True),
    ComesBack(_friday(12, 15), ISHII, Writer.APPROVED),
    Arrives(
        _friday(13, 10),
        Line("佐々木 亮さん: 購入前の質問（注文番号なし）", "a question before buying, without an order"),
        IN_STOCK_MAIL,
        _ACKNOWLEDGED,
        IN_STOCK,
    ),
    ComesBack(_friday(13, 15), SASAKI),
    Arrives(
        _friday(13, 40),
        Line("Amazonカスタマーサービスの取り次ぎ（井上 直樹さん）", "Amazon's customer service for a buyer"),
        RELAYED_MAIL,
        Expected(Outcome.OPENED, Refusal.RELAYED),
        "予定日を過ぎても届いていないとのことです。",
    ),
    Replies(
        _friday(14, 0),
        KIMURA,
        HOW_TO_MAILS[0],
        "木村 健 様\n\nお待たせいたしました。タイマーは、電源ボタンを3秒長押しすると設定できます。\n\n"
        "まい商店 店主",
    ),
    Arrives(
        _friday(14, 5),
        Line(
            "Amazon: 木村さんに届きませんでした（受信拒否）", "Amazon: the buyer takes no mail from sellers"
        ),
        mails.opted_out(KIMURA, _friday(14, 5)),
        Expected(Outcome.FAILURE_NOTED),
    ),
    Remarks(
        _friday(14, 10),
        "別の方法で送り直してみます。ご迷惑をおかけしました。",
        "購入者には何も送っていません",
    ),
    Replies(
        _friday(14, 20),
        KIMURA,
        HOW_TO_MAILS[0],
        "木村 健 様\n\nご質問への返信としてお送りします。\n"
        "電源ボタンを3秒長押しすると、タイマーを設定できます。\n\nまい商店 店主",
    ),
    Arrives(
        _friday(14, 45),
        Line("Amazon: 見たことのない種類のお知らせ", "Amazon: a kind of notice that nobody has seen"),
        mails.unknown_notice(
            "出品者様への新しいご案内", "新しい手続きが始まります。", "SELLER_NOVELTY_NOTICE", _friday(14, 45)
        ),
        Expected(Outcome.QUARANTINED),
    ),
    Arrives(
        _friday(15, 0),
        Line("出品者の評価: 4", "seller feedback of 4"),
        mails.feedback(RATED_WELL, 4, "梱包がとてもていねいでした。", _friday(15, 0)),
        Expected(Outcome.COUNTED),
        "梱包がとてもていねいでした。",
    ),
    Arrives(
        _friday(15, 20),
        Line("Amazon: 返金のお知らせ（山本さんの注文）", "Amazon: a refund on the first buyer's order"),
        mails.refund(YAMAMOTO, "600円", _friday(15, 20)),
        Expected(Outcome.JOINED),
    ),
    Arrives(
        _friday(15, 40),
        Line(
            "Amazon: 渡辺 誠さんの返品リクエスト（ひと言もなし）", "Amazon: a return request without a word"
        ),
        mails.return_request(WATANABE, "お客様都合による返品", _friday(15, 40)),
        Expected(Outcome.OPENED),
    ),
    Arrives(
        _friday(16, 10),
        Line("出品者の評価: 1（井上さんの注文）", "seller feedback of 1, on that buyer's order"),
        mails.feedback(
            INOUE.order, 1, "予定日に届かず、問い合わせても返事がありませんでした。", _friday(16, 10)
        ),
        Expected(Outcome.JOINED),
        "予定日に届かず、問い合わせても返事がありませんでした。",
    ),
    Taps(_friday(17, 5), REWRITE, INOUE, "文面を預かりました", ASKS_FOR_STARS),
    Taps(_friday(17, 10), REWRITE, INOUE, "文面を預かりました", APOLOGISES),
    Taps(_friday(17, 12), SEND, INOUE, "送信の確認", proof=Proof.MISSING),
    Taps(_friday(17, 14), SEND, INOUE, "承認しました", proof=Proof.MISSING, answered=True),
    Arrives(
        _friday(17, 20),
        Line("購入者 高橋 さくらさん: お礼", "a buyer says thank you"),
        mails.buyer_message(TAKAHASHI, THANKS, _friday(17, 20)),
        Expected(Outcome.OPENED, Refusal.THANKS),
        THANKS,
    ),
    Arrives(
        _friday(18, 0),
        Line(
            "Amazon: 店主がセラーセントラルで佐々木さんに書いた回答の控え",
            "Amazon's copy of an answer written in Seller Central",
        ),
        mails.reply_copy(SASAKI, COLOURS, _friday(18, 0)),
        Expected(Outcome.COPY_ANSWERED),
        COLOURS,
    ),
    Replies(
        _friday(18, 20),
        MORI,
        INVOICE_MAIL,
        "森 由美子 様\n\n適格請求書をお送りします。ご確認ください。\n\nまい商店 店主",
    ),
    Decides(
        _friday(18, 30),
        "answered",
        WATANABE.order,
        Line("返品はセラーセントラルで手続きした", "the return is handled in Seller Central"),
    ),
    Decides(
        _friday(18, 32),
        "answered",
        INOUE.order,
        Line("評価にはおわびと事情を公開で返信した", "an apology stands publicly under the rating"),
    ),
    Decides(
        _friday(18, 34),
        "no-reply-needed",
        TAKAHASHI.order,
        Line("お礼への返信は要らない", "thanks need no answer"),
    ),
    Arrives(
        _friday(21, 30),
        Line("Amazon.comの購入者 Alice Mooreさん: 届かない", "a buyer on amazon.com: not arrived"),
        mails.buyer_message(ALICE, WHERE, _friday(21, 30)),
        _ACKNOWLEDGED,
        WHERE,
    ),
    ComesBack(_friday(21, 40), ALICE),
    Arrives(
        _saturday(9, 15),
        Line(
            "購入者 小林 恵さん: 荷物が遅れている（土曜、電話は無人）",
            "Saturday: a late parcel, no one at the phone",
        ),
        mails.buyer_message(KOBAYASHI, LATE, _saturday(9, 15)),
        _ACKNOWLEDGED,
        LATE,
    ),
)

EVENTS = (*_TWO_DAYS, *after_care.EVENTS)

ALERTS = (
    ExpectedAlert(
        _friday(12),
        _friday(12, 5),
        Line("正午の定時", "the daily alert at noon"),
        lists=(KIMURA.order, MORI.order, ISHII.order, SEND),
        omits=(YAMAMOTO.order, NAKATA.order),
    ),
    ExpectedAlert(
        _friday(14, 5),
        _friday(14, 10),
        Line("届かなかった回答", "an answer that did not arrive"),
        urgent=True,
        lists=(KIMURA.order,),
    ),
    ExpectedAlert(
        _friday(14, 45), _friday(14, 50), Line("知らない種類のお知らせ", "an unknown kind of notice")
    ),
    ExpectedAlert(
        _friday(16, 10),
        _friday(16, 15),
        Line("評価1の至急のお知らせ", "the urgent alert for the feedback of 1"),
        urgent=True,
        lists=(INOUE.order,),
    ),
    ExpectedAlert(
        _friday(17),
        _friday(17, 5),
        Line("午後5時の定時", "the daily alert at five"),
        lists=(MORI.order, SASAKI.name, INOUE.order, WATANABE.order, REWRITE),
        omits=(YAMAMOTO.order, KIMURA.order, ISHII.order, NAKATA.order, RATED_WELL),
    ),
    ExpectedAlert(
        _friday(20),
        _friday(20, 5),
        Line("閉店時", "the alert at closing"),
        omits=(MORI.order, SASAKI.name, INOUE.order, TAKAHASHI.order),
    ),
    ExpectedAlert(
        _friday(21, 30),
        _friday(21, 35),
        Line("閉店後の新着", "news after closing"),
        lists=(ALICE.order,),
    ),
    ExpectedAlert(
        _saturday(9, 15),
        _saturday(9, 20),
        Line("休業日の新着", "news on a closed day"),
        lists=(KOBAYASHI.order, SEND),
    ),
    ExpectedAlert(
        _saturday(12),
        _saturday(12, 5),
        Line("土曜の正午の定時", "the daily alert at noon on Saturday"),
        lists=(ALICE.order, KOBAYASHI.order),
        omits=(YAMAMOTO.order, KIMURA.order),
    ),
    *after_care.ALERTS,
)

ACKNOWLEDGED_BUYERS = (YAMAMOTO, KIMURA, ISHII, SASAKI, ALICE, KOBAYASHI)
"""The genuine messages, and no others."""

APPROVED_ANSWERS = ((ISHII, None), (INOUE, APOLOGISES))
"""Who gets an answer that the owner approved, in order; the owner's own words, or None for the draft's."""

DRAFTED_BUYERS = (ISHII, INOUE, KOBAYASHI, KOBAYASHI)
"""For whom a draft is put into the Drafts folder, in order: once for what is known, and only when ready."""

STILL_DRAFTED = (KOBAYASHI,)
"""Whose draft lies there at the end."""

FORBIDDEN_TO_BUYERS = ("評価", "星5つ")
"""What no mail to a buyer may speak of on this day."""

LEFT_OPEN = (ALICE, KOBAYASHI)
"""Whose cases wait for an answer at the end."""

CLOSED_DAY_BUYERS = (KOBAYASHI,)
"""Who writes on a day without anybody at the telephone."""

QUARANTINED = {"forged": 1, "unrecognised": 1}
"""What lies in quarantine at the end, by the machine's words."""

COPIES = sum(isinstance(event, ComesBack) for event in EVENTS)
"""How many of our own mails come back from Amazon."""
