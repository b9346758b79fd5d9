"""Lines of players, galleries, live pages, cookie notes and paywalls, told by their form.

Each rule reads one line and is strict: a news sentence about cookies, subscribers or a video stays
body. `classify_page_part` is asked for every line, so each group is looked at only where one of its
words stands.
"""

import re

from wirethread.articles.types.articles import ParagraphKind

__all__ = ["classify_page_part", "is_gallery_counter"]

_SHORT = 260
"""Characters; a line of a player, a clock or a paywall is shorter."""

# --- players -------------------------------------------------------------------------------------

_CLOCK_TIME = r"\d{1,2}:\d{2}(?::\d{2})?"
_PLAYER = re.compile(
    # JUST WATCHED Storm takes roof Replay More Videos ... MUST WATCH Storm takes roof 01:24
    r"^\W*(?:just watched\b|replay\b(?=\W*$|\s+more videos)|must watch\b(?=\W|\s+[A-Z])|"
    r"now playing\b|up next\b)|"
    r"\breplay more videos\b|"
    # NOW WATCH: 'Storm takes roof' ; Related Video: ... ; Watch the video: ... ; Ver vídeo: ...
    r"^\W*(?:(?:now )?watch(?: now| live| it| this| the (?:full )?(?:video|moment|clip|"
    r"interview))?|in the news|"
    r"(?:related |full |must-see |live )?(?:video|audio|podcast|clip|livestream|live stream)s?|"
    r"(?:zum |im |das )?video(?: ansehen| dazu)?|(?:voir |regarder |en )?(?:la )?vidéo|(?:ver |"
    r"mira (?:el )?|en )?v[ií]deo|"
    r"(?:guarda |il )?(?:il )?video|bekijk(?: de video)?|se (?:video|klip)(?:en)?|titta|видео|"
    r"смотрите(?: видео)?|"
    r"(?:obejrzyj |zobacz )?wideo)\s*[:|›»▶►]\s*\S.{0,200}$|"
    # Storm takes roof Listen · 4:51 4:51 ; Video 02:13 ; Play 0:45 ; Audio (3 min)
    rf"\b(?:listen|play|watch|duration|länge|durée|duración|durata)\s*[·:|•–-]?\s*{_CLOCK_TIME}"
    rf"(?:\s+{_CLOCK_TIME})?\W*$|"
    rf"^\W*(?:video|audio|vidéo|v[ií]deo|play|replay)\b.{{0,160}}\s{_CLOCK_TIME}\W*$|"
    r"^\W*(?:play|replay|pause|unmute|mute|skip|rewind)(?:\s+(?:video|audio|again|all|sound|"
    r"ad))?\W*$|"
    r"^\W*(?:your|this) browser\b.{0,80}\b(?:video|audio|html5|javascript)\b|"
    r"^\W*(?:an? )?error occurred\b.{0,60}\b(?:player|video|media|loading)\b|"
    r"^\W*(?:this|the) video (?:is|has been|can ?not|could not)\b.{0,80}\b(?:unavailable|removed|"
    r"played|loaded|supported)\b",
    re.I,
)
_PLAYER_HINTS = (
    "watch", "video", "vidéo", "vídeo", "replay", "audio", "play", "listen", "podcast", "clip",
    "in the news", "mute", "stream", "next", "browser", "error", "bekijk", "klip", "titta",
    "видео", "смотрите", "wideo", "duration", "länge", "durée", "duración", "durata", "pause",
    "skip", "rewind",
)  # fmt: skip

# --- galleries -----------------------------------------------------------------------------------

_OF = r"(?:of|/|von|de|di|sur|van|av|af|z|из|sobre)"
_COUNTER = re.compile(
    r"^\W*(?:(?:image|photo|picture|slide|bild|foto|fotografía|imagen|imagem|immagine|диаграмма|"
    r"фото)\s*)?"
    rf"\d{{1,3}}\s*{_OF}\s*\d{{1,3}}(?:\s*(?:photos?|images?|pictures?|slides?|bilder|"
    r"fotos?))?\W*$",
    re.I,
)
_GALLERY = re.compile(
    r"^\W*enlarge this image\b|^\W*(?:view|see) (?:the )?"
    r"(?:slideshow|gallery|photos)\b|"
    r"^\W*(?:(?:photos?|in pictures|gallery|photo gallery|bildergalerie|fotostrecke|en images|"
    r"diaporama|fotogalería|galería|"
    rf"galeria|fotogallery|galerij|bildspel|фотогалерея)\s*[:|]\s*\S)|"
    rf"^\W*(?:image|photo|picture|slide|bild|foto)\s*\d{{1,3}}\s*{_OF}\s*\d{{1,3}}\b|"
    r"^\d{1,3}\s(?:of|von|sur|de)\s\d{1,3}\s+(?-i:[A-ZÀ-Þ“\"]).{20,}|"
    r"\s\|\s(?-i:(?:[A-Z][\w.'’-]+\s){1,4}?[A-Z]?[\w.'’-]*/"
    r"(?:AP|AFP|Getty|Reuters|Bloomberg|EPA|POLITICO))\b",
    re.I,
)
_GALLERY_HINTS = (
    "caption", "enlarge", "slideshow", "gallery", "photo", "pictures", "bild", "foto", "image",
    "diapo", "galer", " of ", "/", "slide", "фото",
)  # fmt: skip
_CAPTION_BUTTONS = re.compile(r"\b(?:hide|show|toggle) caption\b", re.I)
_LONGEST_CAPTION = 700
_PICTURED = re.compile(
    r"\((?:pictured|above|left|right|im bild|pictured above|en la foto|nella foto)\b|^pictured\b",
    re.I,
)
_NO_END = re.compile(r"[^.!?…:;\"”’»)\]]\s*$|\)\s*$")

# --- clocks of live pages ------------------------------------------------------------------------

_UNIT = (
    r"(?:sec(?:ond)?s?|min(?:ute)?s?|h(?:ou)?rs?|h|days?|weeks?|months?|years?|sekunden?|minuten?|"
    r"std|stunden?|tage?n?|wochen?|"
    r"secondes?|heures?|jours?|semaines?|mois|segundos?|minutos?|horas?|d[ií]as?|semanas?|mes"
    r"(?:es)?|secondi?|minut[oi]|ore|ora|"
    r"giorn[oi]|settiman[ae]|uur|uren|dagen|dag|minuut|sekunder|minuter|minutter|timmar|timme|"
    r"timer|time|dagar|dage|dager|"
    r"minut[yę]?|godz(?:in[yę]?)?|dni|hodin(?:ami|y)?|minutami|минут[уы]?|мин|час(?:а|ов)?|дн(?:я|"
    r"ей)|хвилин[иу]?|годин[иу]?|"
    r"perc(?:e|cel)?|óra|órája|dakika|saat|gün|minuuttia|tuntia|menit|jam|phút|giờ)"
)
_AGO = re.compile(
    r"^\W*(?:(?:updated|posted|published|aktualisiert|actualizado|mis à jour|aggiornato)\W+)?"
    r"(?:about\s+|an?\s+|env(?:iron)?\.?\s+)?(?:"
    rf"(?:vor|il y a|hace|há|acum|před|pred|för|for|pirms|prieš|πριν από|cách đây)\s+(?:\d{{1,3}}|"
    rf"einer?|une?|um|uma)\.?\s*{_UNIT}\.?(?:\s+(?:sedan|siden|{_UNIT}))?"
    rf"|(?:\d{{1,3}}|an?|one)\s*{_UNIT}\.?\s+(?:ago|fa|geleden|sedan|siden|temu|назад|тому|önce|"
    r"sitten|lalu|yang lalu|trước|ezelőtt|atrás)"
    rf"|\d{{1,3}}\s*(?:分|時間|小时|小時|分钟|分鐘|天|日|시간|분|일)\s*(?:前|전)"
    rf"|(?:منذ|قبل)\s+\d{{0,3}}\s*\w{{2,8}}"
    r"|(?:just now|gerade eben|à l['’]instant|ahora mismo|agora mesmo|adesso|zojuist|just nu|teraz|"
    r"сейчас|только что)"
    r")\W*(?:\d{1,2}[:.h]\d{2})?\W*$",
    re.I,
)
_TIME_OF_DAY = re.compile(
    r"^\W*(?:kl\.?\s*|at\s+|um\s+|à\s+|alle\s+(?:ore\s+)?|ore\s+|a las\s+|"
    r"às\s+)?\d{1,2}\s?[:.hH]\s?\d{2}(?:[:.]\d{2})?\s*"
    r"(?:uhr|h|hs|hrs|[ap]\.?\s?m\.?|gmt|utc|bst|cet|cest|mez|mesz|est|edt|et|ist|jst|msk|мск|"
    r"klo)?\W*$",
    re.I,
)

# --- cookies, subscribers, comments --------------------------------------------------------------

_COOKIES = re.compile(
    r"^\W*(?:we|this (?:web)?site|our (?:web)?site|by (?:continuing|using|clicking)|to (?:give|"
    r"provide|offer|improve)|"
    r"accept|reject|manage|allow|your privacy|wir|diese (?:web)?seite|diese website|unsere|"
    r"mit der nutzung|alle|nous|"
    r"ce site|en poursuivant|tout|utilizamos|usamos|este s[ií]tio|este site|al continuar|"
    r"ao continuar|aceptar|aceitar|"
    r"utilizziamo|usiamo|questo sito|accetta|wij|we gebruiken|deze (?:web)?site|vi bruger|"
    r"vi använder|vi bruker|"
    r"denna|denne|strona|ta strona|używamy|мы используем|этот сайт)\b.{0,220}\bcookies?\b|"
    r"^\W*cookies?(?: (?:policy|settings|preferences|notice|consent))?\W*$|^\W*cookies help us\b",
    re.I,
)
_READER = re.compile(
    r"^\W*(?:already (?:a|an) (?:subscriber|member)|already (?:subscribed|registered|"
    r"have an account)|"
    r"(?:this|the) (?:article|story|content|page|report|item) is (?:only )?(?:for|available "
    r"(?:only )?to|reserved for|exclusive to|free for)\b.{0,40}\b"
    r"(?:subscribers?|members?|registered)|(?:exclusive(?:ly)? )?(?:for )?subscribers? only\b|"
    r"(?:please )?(?:log|sign) ?in (?:here|to (?:continue|read|comment|view))|to (?:continue|"
    r"keep) reading\b|"
    r"(?:you(?:['’]ve| have)) (?:reached|used|read)\b.{0,40}\b(?:limit|free articles?|articles?)|"
    r"(?:you have )?\d+ free articles? (?:left|remaining)|"
    r"subscribe (?:now|today|here|to (?:continue|read|unlock|keep))\b|(?:start|try) your (?:free )?"
    r"(?:trial|subscription)|"
    r"you can cancel (?:at )?any ?time|cancel (?:at )?any ?time|unlock (?:this|the full)|"
    r"register (?:now|here|for free|to (?:continue|read))|create (?:a|your) (?:free )?account|"
    r"comments? (?:are|is|have been|on this \w+ are) (?:now )?(?:closed|disabled|turned off|off)|"
    r"be the first to comment|"
    r"join the (?:conversation|discussion)|leave a (?:comment|reply)|view (?:all )?comments|report "
    r"(?:a|an|this) (?:typo|error|ad|comment)|"
    r"(?:dieser|der) (?:artikel|inhalt|beitrag) ist (?:nur|exklusiv)\b.{0,40}\babo\w*|(?:sie sind |"
    r"du bist )?(?:bereits|schon) abonnent\w*|"
    r"(?:jetzt|hier) (?:abonnieren|anmelden|registrieren|einloggen|testen|weiterlesen)|"
    r"weiterlesen mit\b|"
    r"(?:cet article|ce contenu) est réservé\b|article réservé\b|déjà abonné|il vous reste \d+|"
    r"pour lire la suite\b|"
    r"(?:contenido|artículo|noticia) (?:exclusiv[oa]|solo) para (?:suscriptores|registrados)|"
    r"¿?ya eres suscriptor|inicia sesión|"
    r"(?:conteúdo|artigo) exclusivo para assinantes|já é assinante|faça (?:o )?(?:seu )?login|"
    r"(?:contenuto|articolo) riservato (?:agli|ai) (?:abbonati|registrati)|sei già abbonato|"
    r"accedi\b|"
    r"dit artikel is alleen\b.{0,20}\babonnees|al abonnee|artikeln är (?:bara )?för prenumeranter|"
    r"redan prenumerant|"
    r"artiklen er (?:kun )?for abonnenter|allerede abonnent|artykuł (?:tylko )?dla "
    r"(?:subskrybentów|prenumeratorów)|masz już konto|"
    r"только для подписчиков|уже подписаны)",
    re.I,
)
_READER_PRICE = re.compile(
    r"^\W*(?:subscribe|get|read|try|unlock|enjoy|only|just|from|ab|jetzt|dès|desde|da|a partir|"
    r"full access|unlimited|digital)\b.{0,160}"
    r"(?:[$€£]\s?\d|\d\s?(?:€|£|kr|euro|a (?:week|month)|per (?:week|month)|im monat|pro (?:woche|"
    r"monat)|par (?:mois|semaine)|al mes|por mês|al mese))"
    r".{0,160}\b(?:subscri\w+|access|articles?|cancel|trial|abo\w*|abonn\w+|suscri\w+|assin\w+|"
    r"zugang|accès|acceso|acesso|accesso)\b|"
    r"^\W*subscribe\b.{0,60}\b(?:a|per) (?:week|month|year)\b",
    re.I,
)
_READER_HINTS = (
    "cookie", "subscri", "abo", "abbon", "suscri", "assin", "prenum", "subskry", "log in",
    "login", "sign in", "reading", "free article", "comment", "cancel", "unlock", "register",
    "account", "conversation", "discussion", "report", "anmelden", "weiterlesen", "testen",
    "einloggen", "registrieren", "réservé", "reste", "sesión", "accedi", "riservato", "konto",
    "подпис", "trial", "member", "regist", "limit", "week", "month", "monat", "mois", "mes",
    "suite",
)  # fmt: skip


def classify_page_part(text: str) -> ParagraphKind | None:
    """Return the kind of a line that belongs to a player, a gallery, a clock or a paywall."""
    lowered = text.lower()
    if len(text) <= _SHORT and _is_button(text, lowered):
        return ParagraphKind.FURNITURE
    if "caption" in lowered and _CAPTION_BUTTONS.search(text) is not None:
        return ParagraphKind.CAPTION  # of a whole gallery, however long
    if (
        len(text) <= _LONGEST_CAPTION
        and any(map(lowered.__contains__, _GALLERY_HINTS))
        and _GALLERY.search(text) is not None
    ):
        return ParagraphKind.CAPTION
    is_pictured = len(text) <= _SHORT and _PICTURED.search(text) is not None
    return ParagraphKind.CAPTION if is_pictured and _NO_END.search(text) is not None else None


def _is_button(text: str, lowered: str) -> bool:
    """Tell whether a line belongs to a player, a clock, or what asks readers for something."""
    if any(map(lowered.__contains__, _PLAYER_HINTS)) and _PLAYER.search(text) is not None:
        return True
    if len(text) <= _LONGEST_CLOCK and (_AGO.match(text) or _TIME_OF_DAY.match(text)):
        return True
    return any(map(lowered.__contains__, _READER_HINTS)) and bool(
        _COOKIES.match(text) or _READER.match(text) or _READER_PRICE.match(text)
    )


_LONGEST_CLOCK = 60


def is_gallery_counter(text: str) -> bool:
    """Tell whether a line only counts pictures: "3 of 12"."""
    return len(text) <= _LONGEST_CLOCK and _COUNTER.match(text) is not None
