"""Lines of a copied web page that are not its text: menus, pickers, image names, credits.

A line goes only if the whole of it is of a known kind; inside a sentence nothing is removed
but a copyright mark in brackets. A menu word alone stays, as it may be a heading.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from partnerbot.documents.line_joining import PAGE, Line
from partnerbot.documents.scripts import ends_sentence

LONGEST_CAPTION = 220  # characters; longer lines are text
LONGEST_MENU_ENTRY = 40  # characters
MENU_WORDS_NEEDED = 3

_PAGE_CONTROL = re.compile(
    r"""
    (?:s[ée]lectionne[rz]|choisi(?:r|ssez)|changer)\s++(?:de\s++|votre\s++|la\s++|une\s++)?langue
    | (?:select|choose|change)\s++(?:your\s++|a\s++|the\s++)?language
    | (?:言語|表示言語)(?:を|の)?(?:選択|切り?替え?)(?:する|して(?:ください|下さい))?
    | (?:taille\s++du\s++texte|text\s++size|文字サイズ)?\s*+[:：]?\s*+(?:A\s?[+-]?\s++){2}A\s?[+-]?
    | (?:taille\s++du\s++texte|text\s++size)\s*+[:：]?\s*+A\s?[+-]?\s++A\s?[+-]?
    | 文字(?:の)?サイズ(?:変更)?[:：]?\s*+(?:(?:小|中|大|標準|縮小|拡大|特大)\s*+){2,}
    | (?:aller|passer|accéder)\s++(?:directement\s++)?(?:au|à\s++la)\s++(?:contenu|navigation|menu|recherche)
      (?:\s++principale?)?
    | skip\s++(?:to\s++)?(?:the\s++)?(?:main\s++)?(?:content|navigation)
    | (?:本文|メインコンテンツ|コンテンツ)(?:へ|に)(?:移動|スキップ|ジャンプ)(?:する|します)?
    | (?:retour\s++)?(?:en\s++)?haut\s++de\s++(?:la\s++)?page | retour\s++en\s++haut
    | back\s++to\s++(?:the\s++)?top
    | (?:この)?ページの?(?:先頭|トップ|上部)(?:へ|に)?(?:戻る)?
    | (?:ouvrir|fermer|afficher|masquer)\s++le\s++menu | (?:open|close|toggle)\s++(?:menu|navigation)
    | メニューを(?:開く|閉じる)
    | (?:lire\s++la\s++suite|en\s++savoir\s++plus|read\s++more|続きを読む|もっと見る)\s*+(?:…|\.\.\.|[>›»→])?
    | (?:imprimer|print)\s++(?:cette|la|this)\s++page | このページを印刷(?:する)?
    | (?:partager|share)\s++(?:sur|on)\s++\w+(?:[\s,/|]+\w+)*
    | (?:tous\s++droits\s++r[ée]serv[ée]s|all\s++rights\s++reserved)\.?
    """,
    re.IGNORECASE | re.VERBOSE,
)
_SHARE_BUTTONS = re.compile(
    r"""
    (?:
        (?: facebook | twitter | x | linkedin | instagram | youtube | line | whatsapp | pinterest | bluesky
          | mastodon | threads | telegram | e-?mail | tweet(?:er)? | share | partager | シェア | ツイート
          | envoyer\ par\ (?:courriel|e-?mail) | send\ by\ e-?mail | メールで送る | はてなブックマーク
          | copier\ le\ lien | copy\ (?:the\ )?link | リンクをコピー )
        (?:[\s,|/・:：–-]+|$)
    ){2,}
    """,
    re.IGNORECASE | re.VERBOSE,
)
_LANGUAGE = (
    "(?:français|english|日本語|deutsch|español|italiano|português|nederlands|中文|简体中文|繁體中文|繁体中文|"
    "한국어|русский|fr|en|ja|jp|de|es|it|pt|nl|zh|ko)"
)
_LANGUAGES = re.compile(rf"{_LANGUAGE}(?:[\s|｜/・•·]+{_LANGUAGE})*")
_SEVERAL_LANGUAGES = re.compile(rf"{_LANGUAGE}(?:[\s|｜/・•·]+{_LANGUAGE})+")
_MENU_WORD = re.compile(
    """
    accueil | actualités | contacts? | contactez-nous | nous[ ]contacter | plan[ ]du[ ]site
    | mentions[ ]légales | qui[ ]sommes-nous(?:[ ]\\?)? | à[ ]propos | recherche | rechercher | menu
    | newsletter | agenda | galerie | liens | faq | connexion | se[ ]connecter | inscription | s['’]inscrire
    | accessibilité | données[ ]personnelles | politique[ ]de[ ]confidentialité | (?:espace[ ])?presse | blog
    | imprimer | suivant | précédent | retour
    | home | news | contact[ ]us | about | about[ ]us | site[ ]?map | search | log[ ]?in | sign[ ](?:up|in)
    | privacy[ ]policy | terms[ ]of[ ]use | accessibility | press | print | next | previous | back | top
    | links | gallery
    | ホーム | トップ(?:ページ)? | サイトマップ | お問い?合わ?せ | (?:サイト内)?検索 | メニュー | 新着情報
    | お知らせ | ニュース | アクセス | 個人情報保護方針 | プライバシーポリシー | 利用規約 | サイトポリシー
    | リンク集? | 採用情報 | よくある質問 | 印刷 | 次へ | 前へ | 戻る | ログイン | アクセシビリティ
    | サイトについて
    """,
    re.VERBOSE,
)
_BREADCRUMB_START = re.compile(
    r"(?:(?:vous êtes ici|you are here|現在(?:地|位置))\s*+[:：]?\s*+)?"
    r"(?:accueil|home|ホーム|トップ(?:ページ)?|top)\s*+[>›»＞/]\s*+\S",
    re.IGNORECASE,
)
_ENTRY_SEPARATOR = re.compile(r"\s*[|｜>›»＞•·▸▶]\s*|\s{2,}")
_BULLET = re.compile(r"^[-*+•·▸▶>»]\s*")

_RESIZED = "r[ée]duit|resized?|small|thumb(?:nail)?|scaled|min|web|crop(?:ped)?"
_IMAGE_NAME = re.compile(
    rf"""
    (?:[\w()%+.-]+[ ])*[\w()%+.-]+\.(?:jpe?g|png|gif|webp|svg|bmp|tiff?|heic|avif)
    | (?:img|dsc[nf]?|dscf|pxl|mvi|gopr|dji|screenshot|photo|image|line|received|fb_img)[ _-]?\d{{4}}[\w-]*
    | p\d{{6}}\w*
    | (?:maxres|hq|mq|sd)default
    | (?:[a-z0-9]+[ _-]){{0,5}}[a-z]*\d{{4,}}[ _-]?(?:{_RESIZED})
    """,
    re.IGNORECASE | re.VERBOSE,
)
# What may stand beside an image name on its line and be one too: a few small-letter words.
_PERHAPS_IMAGE_NAME = re.compile(r"[a-z0-9]+(?:[ _-][a-z0-9]+){0,3}")

_BRACKETED_CREDIT = re.compile(r"(?<!\s)\s*+[(（]\s*+(?:[©Ⓒ]|copyright\b)[^()（）]{0,80}[)）]", re.IGNORECASE)
_CREDIT_LINE = re.compile(
    r"(?:[©Ⓒ]|copyright\s*(?:[©Ⓒ]|\(c\)|\d{4})|\(c\)\s*\d{4})[^。]{0,140}"
    r"|(?:cr[ée]dits?\s+photos?|photos?|photo\s+credits?|写真(?:提供)?|画像提供|提供)\s*[:：©]\s*[^.。!?]{1,80}",
    re.IGNORECASE,
)
_BARE_ADDRESSES = re.compile(r"(?:<?(?:https?://|www\.)[^\s<>]++>?\s*)+", re.IGNORECASE)


def without_boilerplate(lines: Sequence[Line]) -> list[Line]:
    """Return the lines with boilerplate ones blank, and without credits inside the others."""
    texts = [line.text.replace(PAGE, "").strip() for line in lines]
    dropped = _menus(texts) | _galleries(texts)
    dropped |= {
        position
        for position, text in enumerate(texts)
        if text and (_is_of_a_kind(text) or _is_caption(text) or _is_address_alone(texts, position))
    }
    return [
        line.without_text() if position in dropped else Line(_BRACKETED_CREDIT.sub("", line.text), line.wraps)
        for position, line in enumerate(lines)
    ]


def _is_of_a_kind(text: str) -> bool:
    fits = (_PAGE_CONTROL.fullmatch, _SHARE_BUTTONS.fullmatch, _CREDIT_LINE.fullmatch)
    return any(whole(text) for whole in fits) or _is_menu_line(text)


def _is_menu_line(text: str) -> bool:
    """Tell a menu or a breadcrumb on one line: short entries, at least half of them menu words."""
    if ends_sentence(text):
        return False
    entries = [entry for entry in _ENTRY_SEPARATOR.split(text) if entry]
    if any(len(entry) > LONGEST_MENU_ENTRY for entry in entries):
        return False
    if _BREADCRUMB_START.match(text):
        return True
    known = sum(1 for entry in entries if _MENU_WORD.fullmatch(entry.casefold()))
    return known >= 2 and known * 2 >= len(entries) >= MENU_WORDS_NEEDED


_LISTS = ((_MENU_WORD, MENU_WORDS_NEEDED, 1), (_LANGUAGES, 2, 0), (_SEVERAL_LANGUAGES, 1, 0))
"""What lists of a page have one of on each line, how many of these are needed, and how many other lines may
stand between two."""


def _menus(texts: Sequence[str]) -> set[int]:
    """Positions of menus and language pickers with an entry a line, with or without blank lines between.

    One other short entry between two menu words belongs to the menu; one before or after may be the title
    and stays.
    """
    filled = [position for position, text in enumerate(texts) if text]
    entries = [_BULLET.sub("", texts[position]).casefold() for position in filled]
    found: set[int] = set()
    for kind, needed, most_between in _LISTS:
        run: list[int] = []
        for order, entry in enumerate([*entries, None]):
            if entry is not None and not kind.fullmatch(entry):
                continue
            between = [texts[position] for position in filled[run[-1] + 1 : order]] if run else []
            if entry is None or len(between) > most_between or not all(map(_may_be_entry, between)):
                if len(run) >= needed:
                    found |= set(filled[run[0] : run[-1] + 1])
                run = []
            run.append(order)
    return found


def _may_be_entry(text: str) -> bool:
    return len(text) <= LONGEST_MENU_ENTRY and not ends_sentence(text)


def _galleries(texts: Sequence[str]) -> set[int]:
    """Positions of image names, and of the captions that follow one in the same block."""
    found: set[int] = set()
    after_image = False
    for position, text in enumerate(texts):
        if _is_image_names(text):
            found.add(position)
            after_image = True
        elif not text:
            after_image = False
        elif after_image:
            after_image = _ends_with_credit(text) or (
                len(text) <= LONGEST_CAPTION and not ends_sentence(text)
            )
            found |= {position} if after_image else set()
    return found


def _is_image_names(text: str) -> bool:
    names = re.split(r"\s{2,}", text)
    others = [name for name in names if not _IMAGE_NAME.fullmatch(name)]
    return len(others) * 2 <= len(names) and all(map(_PERHAPS_IMAGE_NAME.fullmatch, others))


def _is_caption(text: str) -> bool:
    """Tell a picture's caption outside a gallery: it ends with its credit and is no sentence."""
    if not _ends_with_credit(text) or len(text) > LONGEST_CAPTION:
        return False
    return not re.search(r"[.。!?！？]", _BRACKETED_CREDIT.sub("", text))


def _ends_with_credit(text: str) -> bool:
    credits = list(_BRACKETED_CREDIT.finditer(text))
    return bool(credits) and credits[-1].end() == len(text)


def _is_address_alone(texts: Sequence[str], position: int) -> bool:
    """Tell web addresses that have a line to themselves, unless a sentence runs into them."""
    if not _BARE_ADDRESSES.fullmatch(texts[position]):
        return False
    before = texts[position - 1] if position else ""
    return len(before) < LONGEST_MENU_ENTRY or ends_sentence(before)
