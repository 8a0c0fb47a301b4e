"""Who buys in the demonstration shop; everybody is invented."""

from __future__ import annotations

from daemon.demo.mails import AMERICA, Buyer

YAMAMOTO = Buyer("山本 美咲", "250-1834207-5562913", "ほうじ茶 ティーバッグ 50包")
KIMURA = Buyer("木村 健", "249-7730516-0284471", "卓上加湿器 KS-20")
MORI = Buyer("森 由美子", "250-4419683-7150228", "木製スマホスタンド")
NAKATA = Buyer("中田 太一", "250-6602918-3345107", "折りたたみ傘")
SASAKI = Buyer("佐々木 亮")
INOUE = Buyer("井上 直樹", "503-2985514-6671039", "ステンレス水筒 500ml")
WATANABE = Buyer("渡辺 誠", "249-0157362-9948205", "LEDデスクライト")
TAKAHASHI = Buyer("高橋 さくら", "250-8826140-2213796", "ほうじ茶 ティーバッグ 50包")
ALICE = Buyer("Alice Moore", "112-4471830-9026155", "Hojicha tea bags, 50 pieces", AMERICA)
KOBAYASHI = Buyer("小林 恵", "503-9064271-4408853", "卓上加湿器 KS-20")
ISHII = Buyer("石井 遥", "250-3371952-8105546", "木製スマホスタンド")
OKADA = Buyer("岡田 章", "249-5518203-6640917", "手挽きコーヒーミル M-3")
ENDO = Buyer("遠藤 真紀", "250-7741936-0285573", "竹の菜箸 2膳組")
TANIGUCHI = Buyer("谷口 進", "503-1196428-7750364", "卓上加湿器 KS-20")
