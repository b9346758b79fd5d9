"""Lines that lead to another article: "Read also", before its headline or above a list of links."""

import re

__all__ = ["is_list_label", "leads_away"]

_READ_ALSO_WORDS = (
    r"lesen sie (?:auch|mehr|dazu|hier)|mehr zum thema|(?:à )?lire aussi|lea (?:también|más)|"
    r"[lt]e puede interesar|leia (?:também|mais)|veja (?:também|mais)|leggi (?:anche|pure)|"
    r"lees ook|läs (?:mer|också|även)|læs også|les også|"
    r"czytaj (?:też|także|również|więcej)|zobacz (?:też|także)|читайте (?:также|ещё)"
)
"""Words that stand before a headline, and alone above a list."""

_LEADS_AWAY = re.compile(
    r"^[\W_]*(?:(?:read|see|watch|listen|hear|related|recommended|explore|more|must[- ]read|"
    r"don['’]t miss|opinion|play|video|photos?|gallery|live|also|also read|read also|read more|"
    r"read next|see also|full coverage|background|explainer|podcast|previously|related (?:story|"
    r"stories|articles?|content|coverage|reading)|more (?:on|about|from) [\w' ]{2,40}|"
    r"from \d{4}|further reading|recommended reading)\s*:\s*\S|more:|click here\b|tap here\b|"
    r"read (?:or share|the full|the rest|the original|more (?:at|about|on|from|of|in|here)|"
    r"our full|[\w .’']{2,40}['’]s (?:entire|full) \w+)\b|(?:"
    rf"{_READ_ALSO_WORDS}|siehe auch|lire (?:également|la suite)|à lire |voir aussi|lea además|"
    r"ver también|saiba mais|guarda (?:anche|il video)|vedi anche|смотрите также|"
    r"ayrıca okuyun)\s*[:：|–-]|(?:find|follow|more|contact|"
    r"see|read|explore|visit|listen)\b.{0,90}\bhttps?://\S+|catch up on .{0,80}podcast|"
    r"full coverage\b|can['’]t see the (?:video|graphic|photo|map)|don['’]t see the (?:graphic|"
    r"video|map)|(?:mobile|app) users?,? click|view (?:the )?(?:full|original|interactive|"
    r"slideshow|gallery|photos)|(?:for|get) (?:more|the latest|continuing|full|"
    r"breaking).{0,80}\b(?:click|visit|subscribe|sign up|follow|download|app|inbox|"
    r"newsletter)\b|watch (?:the )?(?:full )?(?:video|interview|clip|segment)\b.{0,40}(?:below|"
    r"above|here)|slideshow \(|graphic\s?[:-]|(?:poster|src|href)=|https?://\S+\s*$|"
    r"www\.\S+\s*$|pic\.twitter\.com/\S+\s*$)",
    re.I,
)

# "Read also:" before the headline of another article, in the languages of news.
_READ_ALSO = re.compile(
    r"^[\W_]*(?:continue reading|keep reading|you (?:may|might) (?:also )?(?:like|enjoy|"
    r"be interested in)|in case you missed it|icymi|from (?:the|our) archives?|explore more|"
    r"what to read next|up next|editors?['’]?s? picks?|"
    r"auch interessant|mehr dazu|mehr lesen|zum thema|das könnte sie auch interessieren|"
    r"passend dazu|aus dem archiv|"
    r"aussi à lire|à (?:re)?lire|sur le même sujet|pour aller plus loin|à découvrir|"
    r"per approfondire|leggi di più|potrebbe interessarti(?: anche)?|"
    r"(?:tamb(?:ién|ém) )?(?:te|le) (?:puede|podría) interesar|de interés|le tamén|"
    r"llegi[ru]? (?:també|més)|llegeix (?:també|més)|llegiu (?:també|més)|irakurri (?:ere|gehiago)|"
    r"meer lezen|lees (?:meer|verder)|les (?:mer|også)|læs (?:mere|også)|läs (?:mer|även)|"
    r"lestu (?:líka|meira)|lesa meira|lue (?:myös|lisää)|loe (?:ka|lisaks|veel)|"
    r"lasi(?:et)? (?:arī|vēl|vairāk)|(?:taip pat )?skaityk(?:ite)?(?: taip pat| daugiau| ir)?|"
    r"(?:przeczytaj|czytaj|zobacz|sprawdź)(?: też| także| również| więcej)?|"
    r"(?:přečtěte si|čtěte|prečítajte si|čítajte|mohlo by vás zaujímat|mohlo by vás zajímat)"
    r"(?: také| tiež| taky| aj| i| viac| více)?|"
    r"(?:pro)?čitaj(?:te)?(?: još| i| više| takođe(?:r)?)?|pogledajte(?: još| i)?|"
    r"preberi(?:te)?(?: tudi| več| še)?|olvassa (?:el|tovább)(?: is)?|olvasta már|"
    r"kapcsolódó(?: cikk(?:ek)?| cikkünk)?|ezt olvasta már|"
    r"(?:cite(?:ș|ş|s)te|citi(?:ț|ţ|t)i|vezi|vede(?:ț|ţ|t)i)(?: (?:ș|ş|s)i| mai mult)|"
    r"lexo(?:ni)?(?: edhe| gjithashtu| më shumë)?|"
    r"прочет(?:ете|и)(?: още| и| повече)?|вижте(?: още| и)|прочита(?:јте|j)(?: и| још| повеќе)?|"
    r"чытайце (?:таксама|яшчэ)|читайте (?:також|ще|больше)|по теме|"
    r"(?:bu habere de )?bakın|bunu da okuyun|ilgili haber(?:ler)?|həmçinin oxuyun|"
    r"baca (?:juga|selengkapnya|lagi)|lihat juga|simak juga|(?:xem|đọc) thêm|basahin (?:din|rin)|"
    r"soma (?:pia|zaidi)|lees ook|წაიკითხეთ(?: ასევე)?|კარდացეք նաև)"
    r"(?:\s[\w’'.-]{1,20}){0,2}(?:\s*[:：|?]\s*|\s[–—-]\s)\S",
    re.I,
)

_LIST_LABEL = re.compile(
    r"^\W*(?:read (?:more|also|next|this next)|more (?:on|from|about|news|stories|coverage|"
    r"headlines)\b|(?:related|recommended|popular|"
    r"trending|latest|top|other|most read|editor['’]?s['’]? picks?|featured)(?: (?:stories|"
    r"articles|news|coverage|links?|posts?|reading|"
    r"content|headlines|topics|videos?))?(?: from\b.{0,40})?|see (?:also|more)|also (?:read|"
    r"in the news|on)|you (?:may|might) (?:also )?(?:like|"
    r"be interested)|don['’]t miss|in case you missed it|what to read next|for more (?:on|about)|"
    r"further reading|"
    rf"{_READ_ALSO_WORDS}|mehr (?:dazu|aus|von|nachrichten)|das könnte "
    r"(?:sie|dich) (?:auch )?interessieren|auch interessant|weitere (?:artikel|"
    r"meldungen|themen|nachrichten)|meistgelesen|à lire également|sur le même "
    r"(?:sujet|thème)|nos (?:articles|derniers)|les plus lus|"
    r"más (?:noticias|sobre|leídas?|"
    r"leído)|noticias relacionadas|relacionad[oa]s|"
    r"mais (?:lidas|notícias|sobre)|notícias relacionadas|"
    r"potrebbe interessarti|articoli correlati|le più lette|"
    r"lees (?:verder|meer)|meer (?:over|nieuws)|mest lästa|læs mere|les mer|"
    r"čtěte také|přečtěte si|читайте еще|по теме|ещё по теме|ayrıca|"
    r"bunlar da ilginizi çekebilir|baca juga|xem thêm|関連記事|相关阅读|相關新聞|관련기사)"
    r"(?:\W*|\s+(?:on|in|at|from|about|zu|zum|aus|von|sur|de|sobre|su|over)\s+"
    r".{1,49}[^.!?]|\s+(?-i:[A-ZÀ-Þ]).{1,39}[^.!?]|\W.{0,60}:)$"
    # "Other details were not disclosed." is a sentence; this is none whatever ends it
    r"|^\W*(?:read more|for more on)\b.{0,80}$",
    re.I,
)

_LONGEST_LABEL = 90


def leads_away(text: str) -> bool:
    """Tell whether a line names another article or page: "Read also: Ferry stops at noon"."""
    return _LEADS_AWAY.match(text) is not None or _READ_ALSO.match(text) is not None


def is_list_label(text: str) -> bool:
    """Tell whether a line stands above a list of links: "Related stories"."""
    return len(text) <= _LONGEST_LABEL and _LIST_LABEL.match(text) is not None
