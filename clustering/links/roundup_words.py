"""How headlines of roundups, live pages and newsletters are worded: data, to be added to.

Each entry is a regular expression that is searched in a casefolded headline. A wording alone never
makes an article a roundup: its parts must also tell of different things (`links.roundups`).
"""

from collections.abc import Mapping, Sequence

__all__ = ["ROUNDUP_HEADLINES"]

_COUNT = r"(?:\d+|two|three|four|five|six|seven|eight|nine|ten)"

ROUNDUP_HEADLINES: Mapping[str, Sequence[str]] = {
    "ar": (r"مباشر", r"أبرز", r"موجز", r"حصاد", r"نشرة"),
    "de": (
        r"\b(?:news|live)[- ]?(?:blog|ticker)\b",
        r"\bim überblick\b",
        r"\bdas wichtigste\b",
        r"\bwas (?:heute|am \w+tag) wichtig\b",
        r"\bnewsletter\b",
        r"\bin bildern\b",
        r"\bpresseschau\b",
        r"\bkurz(?:meldungen| notiert| gemeldet)\b",
        r"\bmorgen(?:lage|briefing)\b",
    ),
    "en": (
        r"\blive(?: blog| updates?| coverage| news)?\s*(?:[:|]|$)",
        r"^live\b",
        r"\blive ?blog\b",
        r"\blive updates?\b",
        r"\bas it happened\b",
        r"\b(?:round-?up|digest|newsletter|recap|in brief|in briefs?|at a glance)\b",
        r"\b(?:morning|evening|daily|weekly|afternoon|lunch-?hour|weekend|nightly|monday|tuesday|"
        r"wednesday|thursday|friday|saturday|sunday)"
        r"(?:'s|’s)? (?:briefing|brief|letter|digest|headlines|notes?|report|wrap|read)\b",
        r"\bnews (?:briefs?|quiz|wrap|summary|bulletin)\b",
        rf"\b{_COUNT} (?:\w+ )?(?:things|stories|takeaways|facts|headlines)\b",
        r"\bthings (?:to|you need to) know\b",
        r"\bwhat (?:to|you need to) know\b",
        r"\b(?:in|week in) (?:pictures|photos|review)\b",
        r"\b(?:photos|best photos|pictures|gallery|highlights) of the (?:day|week|month|year)\b",
        r"\b(?:top|today'?s|this week'?s) (?:stories|news|headlines)\b",
        r"^corrections?(?: and clarifications?)?\b",
        r"^(?:obituaries|deaths|births and deaths|letters|court reports?|sports? scores?)\b",
        r"^the latest\b",
    ),
    "es": (
        r"\ben (?:directo|vivo|imágenes|fotos)\b",
        r"\bminuto a minuto\b",
        r"\búltima hora\b",
        r"\bresumen\b",
        r"\bbolet[ií]n\b",
        r"\bclaves (?:del día|de la semana)\b",
        r"\b(?:cosas|noticias) (?:que|del día|de la semana)\b",
    ),
    "fr": (
        r"\ben (?:direct|images|bref)\b",
        r"\bà retenir\b",
        r"\bl['’]essentiel\b",
        r"\brevue de presse\b",
        r"\blettre d['’]information\b",
        r"\bles (?:titres|infos?) (?:du|de la)\b",
        r"\bl['’]actu(?:alité)? (?:du|de la)\b",
    ),
    "it": (r"\b(?:in )?diretta\b", r"\ble notizie d\w+\b", r"\brassegna\b", r"\bin breve\b"),
    "ja": (r"まとめ", r"速報一覧", r"ライブ", r"ダイジェスト", r"週間"),
    "ko": (r"라이브", r"요약", r"브리핑"),
    "nl": (r"\bliveblog\b", r"\bhet (?:belangrijkste )?nieuws van\b", r"\bkort nieuws\b"),
    "pl": (r"\bna żywo\b", r"\brelacja\b", r"\bprzegląd\b"),
    "pt": (r"\bao vivo\b", r"\bresumo\b", r"\bnotícias d[oa]\b", r"\bem imagens\b"),
    "ru": (
        r"онлайн",
        r"прямая трансляция",
        r"главное (?:за|к|на|дня)",
        r"итоги (?:дня|недели)",
        r"дайджест",
        r"коротко",
        r"обзор",
    ),
    "tr": (r"\bcanlı\b", r"\bgünün (?:özeti|haberleri)\b", r"\bbülten\b"),
    "zh": (
        r"直播",
        r"要闻",
        r"要聞",
        r"早报",
        r"早報",
        r"晚报",
        r"速览",
        r"一周",
        r"简报",
        r"簡報",
        r"滚动",
    ),
}
