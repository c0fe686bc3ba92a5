"""E-mail addresses and numbers of persons are masked however they are written; what is asked about stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnerbot.web.records.personal_data import EMAIL, NUMBER, masked

ADDRESSES = """
jean.dupont@mairie-dijon.fr
rené@exemple.fr
Jean_Dupont+clair@exemple.co.jp
o'neill@example.ie
j@x.fr
ｔａｒｏ＠ｅｘａｍｐｌｅ．ｊｐ
taro﹫example.jp
taro @ example.jp
taro (at) example.jp
taro(at)example.jp
taro [at] example.jp
taro[at]example.jp
taro{at}example.jp
taro <at> example.jp
taro ( at ) example.jp
TARO [AT] EXAMPLE.JP
taro [at] example [dot] jp
taro(at)example(dot)jp
jean (a) mairie.fr
jean [à] mairie.fr
jean [arobase] mairie [point] fr
jean arobase mairie.fr
jean at mairie dot fr
jean dot dupont at mairie dot dijon dot fr
jean arobase mairie point fr
taroアットマークexample.jp
taro（アット）example.jp
taro［at］example．jp
ta\u200bro@exam\u200bple.jp
taro\u200b@\u200bexample.jp
taro\u2060@example.jp
ta\u00adro@example.jp
rene\u0301@exemple.fr
jean@münchen.de
jean@bücher.example.ch
иван@пример.рф
иван7@пример.рф
δοκιμή@παράδειγμα.δοκιμή
jean@xn--mnchen-3ya.de
𝐭𝐚𝐫𝐨@𝐞𝐱𝐚𝐦𝐩𝐥𝐞.𝐣𝐩
ⓣⓐⓡⓞ@example.jp
taro(@)example.jp
taro [@] example[.]jp
taro【at】example.jp
taro〔アット〕example.jp
taro（あっと）example.jp
taroあっとまーくexample.jp
taro あっと example.jp
taro☆example.jp
taro＠example。jp
taro@example ドット jp
taro（at）example（ドット）jp
taro @example .jp
taro@example,jp
taro (chez) example.jp
taro[chez]mairie[point]fr
taro_at_example_dot_jp
taro-at-example.jp
taro&#64;example.jp
taro%40example.jp
""".strip().split("\n")

NUMBERS = """
06 12 34 56 78
0612345678
06.12.34.56.78
06-12-34-56-78
06_12_34_56_78
06·12·34·56·78
06;12;34;56;78
06→12→34→56→78
06!12!34!56!78
06⁄12⁄34⁄56⁄78
06/12/34/56/78
06,12,34,56,78
06, 12, 34, 56, 78
06:12:34:56:78
06|12|34|56|78
06 - 12 - 34 - 56 - 78
06 – 12 – 34 – 56 – 78
06•12•34•56•78
06 12 34 56 78
06  12  34  56  78
0\u200b6\u200b12345678
06\u200b12\u200b34\u200b56\u200b78
06\u206012\u206034\u206056\u206078
06\u00ad12\u00ad34\u00ad56\u00ad78
+33 (0)6 12 34 56 78
+33 6 12 34 56 78
+33612345678
0033 6 12 34 56 78
(+33) 6 12 34 56 78
(03) 80 12 34 56
03 80 12 34 56
+32 2 123 45 67
+49 30 1234567
+41 44 123 45 67
+1 (212) 555-0123
212-555-0123
+44 20 7946 0958
+82 10-1234-5678
+86 138 0013 8000
090-1234-5678
09012345678
０９０−１２３４−５６７８
０９０ー１２３４ー５６７８
０９０－１２３４－５６７８
090ー1234ー5678
090〜1234〜5678
090～1234～5678
090・1234・5678
090･1234･5678
090—1234—5678
090‐1234‐5678
090（1234）5678
090(1234)5678
〇九〇−一二三四−五六七八
090、1234、5678
096-333-2159
(096) 333-2159
03-1234-5678
+81 96 333 2159
+81-90-1234-5678
0120-123-456
٠٦١٢٣٤٥٦٧٨
𝟎𝟔 𝟏𝟐 𝟑𝟒 𝟓𝟔 𝟕𝟖
0️⃣6️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣8️⃣
4111 1111 1111 1111
4111-1111-1111-1111
4111111111111111
5500 0000 0000 0004
3782 822463 10005
1 85 05 78 006 084 36
185057800608436
2 69 05 49 588 157 80
1 85 05 2A 006 084 36
2 90 12 2B 033 111
185052A00608436
1 85 05 2a 006 084 36
1_85_05_2B_006_084_36
1.85.05.2A.006.084.36
1234 5678 9012
1234-5678-9012
123456789012
１２３４ ５６７８ ９０１２
TR1234567
TR 1234567
TR-1234567
tr1234567
ＴＲ１２３４５６７
TZ\u200b1234567
12AB34567
12 AB 34567
12AB 34567
12ab34567
A12345678
A 12345678
E12345678
C01X00T47
YA1234567
AB12345678CD
AB 12345678 CD
AB-12345678-CD
ab12345678cd
X4RTBPFW4
D2H6862M2
T9G4KX2V7
880692310285
QQ123456C
QQ 12 34 56 C
X1234567L
X-1234567-L
12345678Z
ABC123456
RSSMRA85T10A562S
85.07.30-033.28
756.1234.5678.97
900101-1234567
123-45-6789
9903123456
FR76 3000 6000 0112 3456 7890 189
FR7630006000011234567890189
FR14 2004 1010 0505 0001 3M02 606
FR1420041010050500013M02606
GB29 NWBK 6016 1331 9268 19
GB29NWBK60161331926819
NL91 ABNA 0417 1643 00
MT84 MALT 0110 0001 2345 MTLC AST0 01S
MT84MALT011000012345MTLCAST001S
BE68 5390 0754 7034
BE68-5390-0754-7034
DE89 3704 0044 0532 0130 00
de89 3704 0044 0532 0130 00
080＝1234＝5678
080の1234の5678
〇八〇の一二三四の五六七八
06=12=34=56=78
06\\12\\34\\56\\78
06\u316412\u316434\u316456\u316478
06\u280012\u280034\u280056\u280078
TR 123 4567
AB 1234 5678 CD
FR76\u202f3000\u202f6000\u202f0112\u202f3456\u202f7890\u202f189
""".strip().split("\n")

INNOCENT = """
Quand l’accord du 2024-07-01 a-t-il été signé ?
Combien d’habitants : 1 738 301 ?
2010-2015 2020 の交流
Was it 20/10/2023 or 21/10/2023?
Était-ce le 20/10/2023, le 21/10/2023 ou le 22/10/2023 ?
20/10/2023, 21/10/2023, 22/10/2023
20/10/2023 - 21/10/2023
06/12/2019, 07/12/2019
協定は2019年5月5日ですか？
令和6年10月1日から令和7年3月31日まで
COVID-19, G20 et COP21 ?
Vitagora, rue @ quelle adresse ?
En 2012, 2013, 2014 et 2015, combien de délégations ?
2012, 2013, 2014, 2015
2012、2013、2014、2015年の交流
2012・2013・2014・2015年
2012/2013/2014/2015
2012–2013–2014
1789, 1848, 1871, 1914
1871-1914, 1914-1918, 1939-1945
2023-2024, 2024-2025, 2025-2026
2010/11, 2011/12, 2012/13
2019.05.05 2020.06.06
2019.5.5～2020.6.6
12.05.1998 – 13.05.1998
20240701 20240801
12-05-2024 14:30
1-1-2024 9:00, 2-1-2024
2024-05-12 14:30:00, 2024-05-13 09:00
Population 125,800,000 (2020), 124,500,000 (2023)
予算は1500000000ドル、1200000000ポンド
Écrivez à la mairie de Dijon. Merci
https://example.org/at/index.html et https://example.org/a/b.html
2024-07 2024-08 2024-09
二〇一九年五月五日と二〇二〇年六月六日
一番、第一、第二、第三
Ouvert 10:00-12:30, 13:30-17:00
10:00 12:30 13:30 17:00
9h00-12h30 13h30-17h00
De 9 h à 12 h et de 14 h à 18 h
Les articles 1, 2, 3, 4, 5, 6, 7, 8 et 9
1, 2, 3, 4, 5, 6, 7, 8, 9, 10
第1、2、3、4、5、6、7、8、9、10条
12,500,000,000円の予算
12,500,000,000
¥12,500,000,000
￥12,500,000,000
１２，５００，０００，０００円
125億円、1,250,000人
Un budget de 12 500 000 000 yens
Un budget de 120 000 000 € ?
120 000 000 euros
€ 120 000 000
EUR 120 000 000
1.200.000.000 € de budget
1’200’000’000 francs
$1,250,000,000.50
125 800 000 habitants au Japon
68 000 000 d’habitants et 125 000 000 d’habitants
125 800 000人
1200000000円
1500000000 euros
An area of 377 975 000 000 m2
377 975 km² et 551 695 km²
Population: 1,409,670,000 people
200 000 000 visiteurs en 2024
10 %, 20 %, 30 %, 40 % et 50 %
12 €, 15 €, 18 €, 20 € ou 30 €
12€, 15€, 18€, 20€, 30€
de 2010 à 2015 et de 2016 à 2020
entre 10 et 15000 habitants
de 1500000 habitants
JPY 1500000
1500000EUR
250000km
250000habitants
ISO27001 et ISO9001
PARIS2024 et EXPO2025
Osaka2025, kumamoto2024
UTF-8, RFC 2822, MP3, H2O
TGV 6607, vol AF276, vol NH0215
Loi n° 2019-1461 du 27 décembre 2019
règlement (UE) 2016/679
21000 Dijon et 860-8601 熊本市
〒860-8601
3-1-3 Toranomon, 105-0001
Windows 11, iPhone 15
50e anniversaire, 2e édition, 1er avril
FR76 avec plus de détails
FR et JP, DE et CH
les 22 et 23 mai 2024
100 + 200 = 300
100 × 200 = 20 000
2019 → 2020 → 2021
1999; 2000; 2001
10-8, 3-2, 7-5
Who works at Dijon dot?
Le point à Dijon
@clairparis sur les réseaux
What happens @ Kumamoto Castle
ローマ1号、データ2件
カタカナーのみ
ＣＬＡＩＲ　２０２４年
½ ① ② ③ ™ ㈱
250 000 km et 12 000 000km
TGV 6607 en 2024, CLAIR 2024 2025
""".strip().split("\n")

FRAMES = ("Mon contact : {}, merci.", "連絡先は{}です。", "{}", "「{}」まで")


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("word", [EMAIL, NUMBER])
def test_whatever_tells_who_somebody_is_goes(word: str, frame: str) -> None:
    """The whole of it and nothing else, in a sentence with spaces and in one without."""
    forms = ADDRESSES if word == EMAIL else NUMBERS
    missed = {form: masked(frame.format(form)) for form in forms}
    assert {form: kept for form, kept in missed.items() if kept != frame.format(word)} == {}


def test_a_name_in_a_script_without_spaces_takes_what_stands_before_it() -> None:
    """Nobody can tell where it begins: too much goes rather than too little."""
    assert masked("私は用户@例子.广告です。") == f"{EMAIL}です。"
    assert masked("메일은 마리@예시.한국 입니다") == f"메일은 {EMAIL} 입니다"


@pytest.mark.parametrize("frame", ["{}", "Bonjour, {} merci", "「{}」について"])
def test_what_a_question_is_about_stays(frame: str) -> None:
    """Dates, years, lists, amounts, names with digits: to the letter, whatever their width."""
    kept = {text: masked(frame.format(text)) for text in INNOCENT}
    assert {text: kept for text, kept in kept.items() if kept != frame.format(text)} == {}


def test_no_zero_byte_is_kept() -> None:
    """No database takes one; what stands around it stays."""
    assert masked("Dijon\0 06 12 34\0 56 78") == f"Dijon {NUMBER}"


def test_the_tables_are_as_long_as_is_said() -> None:
    """SECURITY.md gives their lengths."""
    assert len(ADDRESSES) + len(NUMBERS) >= 120
    assert len(INNOCENT) >= 80


@given(st.text(max_size=60), st.text("0123456789", min_size=8, max_size=18), st.text(max_size=60))
def test_no_long_run_of_digits_survives(before: str, digits: str, after: str) -> None:
    """Whatever stands around it, if it begins as no amount does; and masking again changes nothing."""
    text = masked(f"{before} 0{digits}{after}")
    assert f"0{digits}" not in text
    assert masked(text) == text


def test_what_stands_in_its_place_is_in_the_language_and_the_owners_address_stays() -> None:
    """Nobody is told by the town's own contact; a French reader doesn't read English words."""
    text = "Contactez-nous : mairie@exemple.fr ; moi, c'est le 06 12 34 56 78, paul@exemple.fr"
    kept = masked(text, "fr", "mairie@exemple.fr")
    assert kept == "Contactez-nous : mairie@exemple.fr ; moi, c'est le [numéro], [e-mail]"
