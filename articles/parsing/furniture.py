"""Lines of a saved page that are no news text: advertisements, players, sign-ups, captions.

Each rule reads one line and is strict about its form: a news sentence that happens to mention a
newsletter or a photograph must stay body. Phrases are given in the languages pages are saved in;
rules of form (a time, a web address, a credit in brackets) hold for any language.
"""

import re

from wirethread.articles.parsing.leading_away import is_list_label, leads_away
from wirethread.articles.parsing.page_parts import classify_page_part
from wirethread.articles.types.articles import ParagraphKind

__all__ = ["classify_line", "has_caption_form"]

_SHORT = 240
"""Characters; sign-up and promotion lines are shorter, news paragraphs may be longer."""
_LONG = 700
"""Characters; no notice is longer."""

# Lines that are furniture as a whole. Word for word, apart from figures and marks around them.
_WHOLE = re.compile(
    r"^[\W_]*(?:"
    # English
    r"ad|ads|advertisement|advertising|sponsored(?: content)?|promoted|(?:story |"
    r"article )?continue[sd]? (?:reading )?below(?: advertisement)?|"
    r"(?:story|article) continues(?: below)?.{0,20}|continue reading(?: below)?|"
    r"advertisement advertisement|loading|close|print|share|shares?|tweet|email|e-mail|comments?|"
    r"facebook|twitter|x|whatsapp|linkedin|pinterest|reddit|flipboard|instagram|telegram|pocket|"
    r"copy link|copy url|"
    r"(?:facebook|twitter|whatsapp|email|print|share|linkedin|reddit|pinterest|pocket|messenger|"
    r"sms|copy link)(?:[\s,|·•/]+(?:and |on |via |by )?(?:facebook|twitter|whatsapp|e?-?mail|"
    r"print|share|linkedin|reddit|pinterest|pocket|messenger|sms|comments?|copy link)){1,12}|"
    r"(?:save|share|listen|watch|follow|subscribe|log ?in|sign ?in|sign ?up|register|menu|search|"
    r"home|top|back to top|next|previous|more|see more|view more|show more|load more|read more|"
    r"learn more|see also|related|related (?:articles?|stories|content|links?|topics?|coverage|"
    r"news|posts?|videos?)|"
    r"most (?:read|popular|viewed|shared)|trending(?: now)?|popular|recommended(?: (?:for you|"
    r"stories|reading|videos?))?|you (?:may|might) (?:also )?like|you may also be interested in|"
    r"more (?:on this|stories|news|coverage)|"
    r"more from .{2,40}|full coverage|tags?|topics?|watch(?: live| now| again| below)?|live|"
    r"video|photos?|gallery|slide ?show|play(?: video)?|pause|mute|unmute|fullscreen|replay|"
    r"now playing|up next|audio|listen to (?:this )?article)|"
    r"hidden ad unit|hide caption|toggle caption|enlarge this image|click to enlarge|"
    r"view gallery|see gallery|expand|collapse|skip ad|skip to (?:main )?content|enlarge|"
    r"open in new window|"
    # German
    r"anzeige|werbung|weiterlesen|mehr dazu|mehr zum thema|lesen sie auch|auch interessant|"
    r"teilen|drucken|kommentare|startseite|zur startseite|nach oben|merken|newsletter|anhören|"
    # French
    r"publicité|la suite après (?:la|cette) publicité|lire aussi|à lire aussi|lire la suite|"
    r"partager|imprimer|commentaires|à voir aussi|sur le même sujet|voir plus|s['’]abonner|"
    r"écouter|"
    # Spanish, Portuguese, Italian
    r"publicidad|publicidade|pubblicità|lea también|lea más|leer más|ver más|te puede interesar|"
    r"compartir|imprimir|comentarios|noticias relacionadas|más información|relacionad[oa]s|"
    r"leia também|leia mais|saiba mais|veja também|compartilhar|compartilhe|"
    r"continua após a publicidade|continua depois da publicidade|"
    r"leggi anche|leggi tutto|condividi|stampa|commenti|approfondisci|guarda anche|"
    # Dutch, Swedish, Danish, Norwegian, Polish, Turkish, Russian
    r"advertentie|lees ook|lees verder|deel|annons|läs mer|läs också|dela|annonce|læs også|"
    r"les også|del|reklama|czytaj także|czytaj więcej|udostępnij|reklam|"
    r"реклама|читайте также|поделиться|подробнее|"
    r"广告|廣告|分享|広告|シェア|続きを読む|광고|공유|إعلان|اقرأ أيضا"
    r")[\W_\d]*$",
    re.I,
)

_TIMES = re.compile(
    r"^[\W_]*(?:"
    # 0:00 ; 0:00 / 1:23 ; 10:35 a.m. EST
    r"\d{1,2}:\d{2}(?::\d{2})?(?:\s*[/|–-]\s*\d{1,2}:\d{2}(?::\d{2})?)?|"
    r"\d{1,2}(?:[:.]\d{2})?\s*(?:[ap]\.?m\.?)(?:\s*\(?[A-Z]{2,4}\)?)?|"
    # Updated: ; Last updated at 10:32 on May 5, 2018 ; Published January 3
    r"(?:(?:last|first|this (?:story|article|report|post) (?:was|has been)|"
    r"originally)\s+)?(?:updated?|published|posted|modified|aired|created|issued|aktualisiert|"
    r"stand|veröffentlicht|"
    r"publié(?:e)?|mis(?:e)? à jour|actualizado|publicado|atualizado|aggiornato|pubblicato|"
    r"bijgewerkt|uppdaterad|publicerad|oppdatert|opdateret|обновлено|опубликовано|更新|公開)"
    r"\b\s*(?:(?:on|at|le|il|el|am|em|um|den|op)\b)?[:\s]*(?:[\d\W]|\b(?:at|on|le|à|il|el|a|las|"
    r"alle|ore|am|um|uhr|em|às|om|kl|h|de|del|the|by|and|"
    r"jan\w*|feb\w*|mar\w*|apr\w*|mayo?|mai|jun\w*|jul\w*|aug\w*|sep\w*|oct\w*|nov\w*|dec\w*|"
    r"ene\w*|abr\w*|ago\w*|dic\w*|déc\w*|fév\w*|avr\w*|juin|juil\w*|août|mär\w*|okt\w*|dez\w*|"
    r"gen\w*|mag\w*|giu\w*|lug\w*|set\w*|ott\w*|"
    r"mon\w*|tue\w*|wed\w*|thu\w*|fri\w*|sat\w*|sun\w*|today|yesterday|[ap]\.?m\.?|[ap]m|est|edt|"
    r"et|ct|pt|mt|gmt|bst|utc|cet|cest|ist|pst|pdt|cst|cdt|hours?|hrs?|minutes?|mins?|days?|ago|"
    r"th|st|nd|rd)\b){0,24}|"
    # This article is more than 2 years old ; 3 min read
    r"this article is more than .{1,20} old|\d{1,3}\s*(?:-\s*)?min(?:ute)?s?\.? (?:read|"
    r"de lectura|de lecture|lesezeit|leestijd|di lettura|de leitura)|"
    r"(?:reading time|lesezeit|temps de lecture|tiempo de lectura|tempo di lettura)\W+.{0,20}"
    r")[\W_]*$",
    re.I,
)
_DATE_ONLY = re.compile(
    r"^[\W_]*(?:(?:mon|tues?|wednes|thurs?|fri|satur|sun)(?:day|\.)?,?\s+)?"
    r"(?:[A-Za-zÀ-ÿ]{3,10}\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+(?:19|20)\d\d|"
    r"\d{1,2}\.?\s+(?:de\s+)?[A-Za-zÀ-ÿ]{3,10}\.?\s+(?:de\s+)?(?:19|20)\d\d|"
    r"(?:19|20)\d\d[-./年]\d{1,2}[-./月]\d{1,2}日?|\d{1,2}[-./]\d{1,2}[-./](?:19|20)?\d\d)"
    r"(?:[\s,|–—-]*(?:at\s+|à\s+|um\s+|alle\s+)?\d{1,2}[:.h]\d{2}(?::\d{2})?\s*(?:[ap]\.?m\.?|"
    r"uhr)?\s*\(?(?:[A-Z]{2,4})?\)?)?[\W_]*$",
    re.I,
)

# More:Poll: what voters think ; New escalation:U.S. launched airstrike ; ... Read more
_LINK_LABEL = re.compile(
    r"^[^:.!?\s][^:.!?]{1,50}:(?=[^\s\d/:)])[^:]{8,180}[^.!?\"”’]$|^.{12,200}[^.!?]\sRead more$"
)
_SIGN_UP = re.compile(
    r"\b(?:sign(?:ing)? up|subscribe|log in|join (?:our|us on)|download (?:the|our)|"
    r"become a (?:member|subscriber)|support (?:our (?:work|journalism|reporting|newsroom)|"
    r"independent|vox)|donate (?:now|today|here)|follow (?:@|(?:us|him|her|me|them|along) (?:on|"
    r"at|@))|like us on|get (?:our|the|your|all the|breaking|free)\b.{0,60}?(?:newsletter|app|"
    r"inbox|alerts?|podcasts?|edition|email|deliver)|newsletters?|inbox|privacy policy|"
    r"terms of (?:use|service)|recaptcha|unsubscribe|newsletter (?:abonnieren|bestellen)|"
    r"abonnieren|anmelden|abonnez-vous|inscrivez-vous|s['’]inscrire|recevez|suscr[ií]b[ae]\w*|"
    r"reg[ií]strate|recib[ae]|siga-nos|assine|inscreva-se|receba|iscriviti|abbonati|ricevi|"
    r"seguici|síguenos|sigue\w* en|suivez-nous|folgen sie uns|meld je aan|prenumerera|подпис\w+|"
    r"订阅|關注|关注|登録)\b",
    re.I,
)
_SIGN_UP_FORM = re.compile(
    r"^[^\w\"“”'‘’„«»]*(?:(?:want|looking|like this|enjoy|love|thank you|thanks|don['’]t miss|"
    r"never miss|stay|keep up|catch up|start|get|sign|subscribe|register|join|download|follow|"
    r"support|donate|become|like|receive|have a tip|send|email|listen|"
    r"for indispensable|for (?:more|the latest|continuing)|our (?:newsletter|free)|"
    r"you can (?:also )?(?:follow|subscribe|listen|sign|reach|find)|if you|be the first|"
    r"to (?:receive|get|stay|subscribe|read)|this (?:site|article|column|newsletter|story) (?:is|"
    r"was|originally)|by (?:signing|subscribing|clicking|submitting|providing)|"
    r"let our|please|we (?:use|need|rely|depend)|read by|delivered|welcome to|you(?:['’]re|"
    r" are) (?:now )?(?:signed|subscribed)|invalid email|enter your|your email|check your|"
    r"check out|find us|connect with|propublica is|the news moves|looking)\b|"
    r"(?:newsletter|der newsletter|unser newsletter|jetzt|abonn|anmeld|inscri|recev|suivez|"
    r"suscr|recib|síguenos|siga|assine|inscreva|receba|iscriv|ricevi|seguici|abbona|meld|подпис|"
    r"订阅))",
    re.I,
)
_LEGAL = re.compile(
    r"(?:^[\W_]*(?:copyright|©|\(c\)|tous droits réservés|alle rechte vorbehalten|"
    r"todos los derechos|todos os direitos|tutti i diritti|riproduzione riservata|"
    r"all rights reserved|all contents? (?:©|copyright)).{0,200}$)|"
    r"^[\W_]*(?:©|\(c\))\s*(?:19|20)\d\d|"
    r"\ball rights reserved\b|may not be (?:published|reproduced|republished|"
    r"copied).{0,60}(?:broadcast|rewritten|redistributed|permission|without)|"
    r"click here for reprint permission|"
    r"^[\W_]*(?:the |all |any )?(?:opinions?|views?)(?: and \w+)? (?:expressed|presented|stated|"
    r"in this)\b.{0,100}\b(?:own|author|those of|not necessarily|do not)|"
    r"^[\W_]*(?:this|the) (?:article|column|piece|content|post|commentary|"
    r"op-?ed)\b.{0,60}\bdoes not (?:necessarily )?(?:represent|reflect) the (?:views|opinions)|"
    r"\breceives? support for .{0,40}\b(?:coverage|reporting|journalism)\b|"
    r"\bcoverage receives support from\b|solely responsible for (?:all|its) content|"
    r"^[\W_]*(?:this (?:material|transcript|content|article) (?:may not|is (?:not|provided|"
    r"published|licensed)|was (?:licensed|automatically)|has been (?:licensed|automatically))|"
    r"we (?:may|could|might) (?:earn|receive|get) (?:an? |some )?(?:affiliate |"
    r"small )?(?:commission|compensation|share)|.{0,60}affiliate (?:links?|commission)|"
    r"quotes delayed|market data (?:provided|by|delayed)|powered and implemented|"
    r"legal statement|fair use notice|disclaimer:)",
    re.I,
)
_LEGAL_HINTS = (
    "©", "(c)", "copyright", "rights", "rechte", "derechos", "direitos", "diritti", "droits",
    "permission", "expressed",
    "reflect", "represent", "this material", "this transcript", "this content", "this article",
    "commission", "affiliate",
    "quotes", "market data", "powered", "legal", "fair use", "disclaimer", "compensation",
    "share", "receives support", "solely responsible",
)  # fmt: skip
_AUTHOR_NOTE = re.compile(
    r"^[\W_]*(?:follow\b.{2,80}\b(?:on (?:twitter|facebook|instagram|x|threads|linkedin)|@\w+|"
    r"https?://)|(?:(?:write|e-?mail|contact|reach|call|tweet|"
    r"message)\s+(?:to\s+)?(?:the (?:reporter|author|writer)|him|her|them|me|us|"
    r"[A-Z][\w.'’-]+)\b.{0,80}(?:@|\d{3}[-. )]|\bon twitter\b)|send (?:letters|tips?|a tip|"
    r"comments|feedback|your|an? e-?mail|e-?mails?|us)\b.{0,80})|let us know what you|"
    r"have a (?:tip|story|question|comment)\b.{0,80}|got a (?:tip|story)|tips?\b.{0,20}@|"
    r"(?:e-?mail|twitter|facebook|instagram|tel|phone|web|website|online|contact|kontakt|"
    r"contacto)\s*[:@]\s*[\w.+@/:-]{2,60}(?:\s[\w.+@/:-]{2,60}){0,3}[\W_]*$|@\w{2,30}[\W_]*$|"
    r"[\w.+-]+@[\w-]+\.[\w.]+[\W_]*$|\[email[\s\u00a0]protected\]|"
    r"editor['’]?s['’]? note\s*:?\s.{0,200}(?:subscri|newsletter|free|paywall|public service|"
    r"opinion|column|views)|(?:about the (?:author|writer)s?\s*(?::|$)|über den autor|"
    r"sobre el autor|sobre o autor|l['’]auteur|l['’]autore)\b)",
    re.I,
)
_AUTHOR_BIO = re.compile(
    r"^[\W_]*(?:[A-Z][\w.'’-]*\s+){2,4}(?:,\s[^.,]{2,60},\s)?(?:is|was|are|writes|covers|reports|"
    r"teaches|serves|works)\s+(?:a|an|the|for|on|about|as|at|currently|also|based)\b.{0,200}?"
    r"\b(?:columnist|reporter|correspondent|writer|editor|author of|journalist|contributor|"
    r"contributing|senior fellow|fellow at|professor|host of|blogger|staff writer|freelance|"
    r"opinion|podcast|host|newsletter|"
    r"covering|@\w+|follow (?:him|her|them)|twitter)\b.{0,260}(?:@\w+|twitter|follow|e-?mail|"
    r"e-?mailed|reached at|columnist|reporter|correspondent|contributor|podcast|newsletter|"
    r"newsmax|for (?:the )?[A-Z]\w+)",
)
_RULES = re.compile(r"^[\W_\d]{0,12}$")
_CODE = re.compile(r"^\s*(?:[{<]\s*[\"'a-z/].{0,400}[}>]|function\s*\(|var \w+ ?=|\{\"\w+\":)")
_PLAYER = re.compile(
    r"^[\W_]*(?:listen to article|share this article|your browser does|this browser does|"
    r"(?:please )?enable javascript|javascript (?:is|must)|video (?:player|unavailable|duration)|"
    r"(?:audio|video) will|"
    r"an error occurred|transcripts? (?:is|are|provided)|\[(?:music|audio playback|applause|"
    r"laughter)\]|play facebook|show caption|media caption|up next|current time|duration time|"
    r"embed [A-Z]|iframe|"
    r"\d+ (?:comments?|shares?|photos?|images?|views?|likes?|retweets?)[\W_]*$)",
    re.I,
)

# --- captions -----------------------------------------------------------------------------------

_CAPTION_MARK = re.compile(
    r"^[\W_]*(?:facebook twitter (?:pinterest|email)|enlarge this image|toggle caption|"
    r"hide caption|image copyright|image caption|media caption|media playback|image source|"
    r"image credit|image:|photo:|photos?:|photo (?:by|credit|courtesy|illustration)|"
    r"photographer\b\s*[:/]|picture:|pictured\b\s*[:,(]|illustration (?:by|:)|graphic (?:by|:)|"
    r"video (?:by|:|still|screenshot|screengrab)|credit\s*:|"
    r"file ?photos?\s*[:|]|file ?[-–—:]\s|file images?\s*[:|]|"
    r"(?:handout|screenshot|screengrab)s?\s*[:/|(]|"
    r"foto\s*:|fotos\s*:|bild\s*:|bilder\s*:|bildquelle|quelle foto|©\s*(?:imago|dpa|afp|getty)|"
    r"crédits?\b\s*[:/]|photo d['’]|crédito\s*[:/]|fotografía\s*:|imagen\s*:|imagem\s*:|"
    r"immagine\s*:|"
    r"foto (?:de|di|von|d['’])|"
    r"фото\s*:?|写真|图片|圖片|사진)",
    re.I,
)
_PHOTO_TAIL = re.compile(
    r"(?:"
    # (KCNA via Reuters) ; (AP Photo/Jane Doe) ; (Photo by Jane Doe/Getty Images)
    r"[(\[]\s*(?:(?:file |pool |stock |staff |illustration )?(?:photos?|images?|pictures?|"
    r"picture|screenshot|screengrab|screen capture|screen grab|handout|courtesy|via|credit|file|"
    r"illustration|foto|bild|captura|crédits?)\b[^()\[\]]{0,140}|"
    r"[^()\[\]]{0,120}(?:\bvia\s[A-Z][\w ./]{1,40}|/\s?(?:AP|AFP|REUTERS|EPA|dpa|Reuters|"
    r"Bloomberg|TASS|Sputnik|Getty|Shutterstock|POOL|Pool|NPR|TNS)\b[^()\[\]]{0,60}|"
    r"\b(?:AP|AFP|Reuters|EPA|Getty|Roll Call|staff|file) (?:file )?(?i:photos?|"
    r"images?)\b[^()\[\]]{0,60}|\b(?:Getty Images|Shutterstock|iStock|Flickr|"
    r"Wikimedia(?: Commons)?|Pixabay|Unsplash|Alamy)))\s*[)\]]|"
    r"\(\s*(?:AP|AFP|REUTERS|EPA|Reuters)\s*\)(?!\.)|"
    # Jane Doe/Sputnik/AFP via Getty Images ; REUTERS/Jane Doe ; Jane Doe / AP ; Jane Doe, AP
    r"\b(?:REUTERS|AFP|EPA|AP|"
    r"Reuters)\s?/\s?[A-Z][\w.'’-]+(?:\s[A-Z][\w.'’-]+){0,4}(?:/[\w ]{2,24})?|"
    r"(?:[A-Z][\w.'’-]+\s){1,4}[A-Z]?[\w.'’-]*\s?/\s?(?:[\w.'’& -]{2,30}\s?/\s?){0,2}(?:AP|AFP|"
    r"Reuters|REUTERS|EPA|Getty|Bloomberg|NPR|POOL|Pool|Shutterstock|dpa|Anadolu)(?: Photo|"
    r" Images| Agency)?(?:\s?/\s?[\w.'’& -]{2,30}){0,2}|"
    r"\bvia\s(?:Getty Images|AP|AFP|Reuters|REUTERS|EPA|Shutterstock|"
    r"Storyful)(?:\s?/\s?[\w. ]{2,24})?|"
    r"\b(?:Photograph|Photo|Picture|Image|Fotografía|Foto|Bild)\s?:\s[A-ZÀ-Þ][^.!?:]{2,80}|"
    # ... in the country. (Oct. 14) AP ; ... on Dec. 2, 2019. Seth Wenig, AP
    r"\([A-Z][a-z]{2,8}\.? \d{1,2}\)\s(?:AP|Reuters|AFP|USA TODAY)(?:, (?:AP|Reuters|AFP|"
    r"USA TODAY))*|"
    r"(?:^|[.!?)\]][\"”]?\s)(?:[A-Z][\w.'’-]+\s){1,4}?[A-Z][\w.'’-]+,\s(?:AP|Reuters|AFP|EPA|"
    r"Getty Images|USA TODAY)|"
    r"\bGetty Images|\bAP Photo(?:\s?/\s?[\w.'’ -]{2,40})?|\bShutterstock|\b(?:AFP|Getty|REUTERS|"
    r"EPA)/[\w/ ]{2,40}"
    r")[\s.\"”]*$"
)
# Words without which a tail cannot be a picture credit: looked for first, being quick to find.
_TAIL_HINTS = (
    "getty", "ap", "afp", "reuters", "epa", "photo", "via ", "image", "pool", "handout", "file",
    "courtesy", "screen",
    "shutterstock", "flickr", "instagram", "twitter", "youtube", "wiki", "pixabay", "unsplash",
    "istock", "foto", "bild",
    "captura", "video", "bloomberg", "npr", "dpa", "anadolu", "tass", "sputnik",
)  # fmt: skip
_PICTURE_NAMES = re.compile(
    r"(?:\bGetty(?: Images)?|\b(?:AP|Reuters|AFP|EPA) (?:Photos?|Images|Pictures|file|Archive)|"
    r"/\s?(?:AP|AFP|Reuters|REUTERS|EPA|Bloomberg|NPR|dpa|Pool|POOL|TNS)|"
    r"\bvia [A-Z][\w ]{1,20}|\b(?:AP|AFP|REUTERS|EPA|Reuters)/[A-Z][\w.'’ -]{2,40}|"
    r"\bShutterstock|\biStock\w*|\bAlamy|\bimago|\bPixabay|\bUnsplash)[\s)\].]*$"
)
_SMALL_WORDS = frozenset(
    [
        "via",
        "by",
        "for",
        "of",
        "the",
        "and",
        "de",
        "la",
        "di",
        "von",
        "van",
        "pool",
        "file",
        "handout",
        "from",
        "staff",
        "at",
        "photo",
        "photos",
        "image",
        "images",
        "photograph",
        "picture",
        "credit",
        "courtesy",
        "foto",
        "bild",
        "video",
        "photographer",
        "illustration",
        "dpa",
        "imago",
        "crédit",
        "source",
    ]
)
_WORD_BREAK = re.compile(r"[\s,/|():;\[\].©-]+")
_MAX_PHOTO_LINE = 160


# Jane Doe/The Local Paper/AP A woman waits ... : the credit before the caption
_PHOTO_HEAD = re.compile(
    r"^(?:[A-ZÀ-Þ][\w.'’-]*\s){1,4}?[A-ZÀ-Þ]?[\w.'’-]*/(?:[A-ZÀ-Þ][\w.'’& -]{1,40}/){0,3}(?:AP|"
    r"AFP|Reuters|REUTERS|EPA|Getty Images|dpa)(?:/File|/Pool)?\s[A-ZÀ-Þ“\"]"
)


def _is_picture_credit(text: str) -> bool:
    """Tell whether a line is only a name and a picture agency: "Jane Doe/Getty Images"."""
    if len(text) > _MAX_PHOTO_LINE or _PICTURE_NAMES.search(text) is None:
        return False
    words = [word for word in _WORD_BREAK.split(text) if word]
    return len(words) <= 16 and all(
        not word[0].islower() or word.lower() in _SMALL_WORDS for word in words
    )


def has_caption_form(text: str) -> bool:
    """Tell whether a line is a caption or a photo credit by its form."""
    if len(text) > 900:
        return False
    if "/" in text[:80] and _PHOTO_HEAD.match(text) is not None:
        return True
    tail = text[-200:]
    lowered = tail.lower()
    has_hint = any(map(lowered.__contains__, _TAIL_HINTS))
    if _CAPTION_MARK.match(text) is not None and (
        len(text) < 160 or (has_hint and _PHOTO_TAIL.search(tail) is not None)
    ):
        return True
    return has_hint and (_PHOTO_TAIL.search(tail) is not None or _is_picture_credit(text))


def _is_legal(text: str) -> bool:
    lowered = text.lower()
    return any(map(lowered.__contains__, _LEGAL_HINTS)) and _LEGAL.search(text) is not None


_PAGE_LINES = (
    _RULES, _WHOLE, _TIMES, _DATE_ONLY, _LINK_LABEL, _PLAYER, _AUTHOR_NOTE,
)  # fmt: skip


def _is_notice(text: str) -> bool:
    """Tell whether a longer line is legal text, code, a note on the author or a sign-up."""
    if _is_legal(text) or _CODE.match(text):
        return True
    if len(text) <= 500 and _AUTHOR_BIO.match(text):
        return True
    return len(text) <= 400 and bool(_SIGN_UP_FORM.match(text) and _SIGN_UP.search(text))


def classify_line(text: str) -> ParagraphKind | None:
    """Return the kind of a line that is certainly not body, or None where it may be."""
    if len(text) <= _SHORT and (
        any(pattern.match(text) for pattern in _PAGE_LINES)
        or leads_away(text)
        or is_list_label(text)
    ):
        return ParagraphKind.FURNITURE
    if has_caption_form(text):
        return ParagraphKind.CAPTION
    if (part := classify_page_part(text)) is not None:
        return part
    if len(text) <= _LONG and _is_notice(text):
        return ParagraphKind.FURNITURE
    return None
