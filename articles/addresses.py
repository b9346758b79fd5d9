"""One address for one published page, whatever link led to it.

Links to the same article differ by tracking parameters, by the form of the page they open (AMP,
mobile, print) and by spelling. `canonicalize_url` takes those differences away and nothing else:
identifiers in the query stay, and pages of different sites stay different.
"""

import re
from urllib.parse import quote, unquote_to_bytes, urljoin, urlsplit, urlunsplit

__all__ = ["canonicalize_url", "is_same_site", "read_host", "resolve_link", "safe_url"]

MAX_URL = 4000
"""Characters; a longer address is cut."""

# Parameters that say where the reader came from, never which page is meant. Names as `id`, `cid`,
# `p` or `source` are left alone: on some sites they name the article.
_TRACKING = re.compile(
    r"(?:utm|mtm|itm|pk|piwik|matomo|hsa|oly|vero|mc|_hs|_ga|stm|wt|at|ns|mkt|ito|icid|int|cmp|cmpid|"
    r"soc|smid|ocid|ftag|echobox|trk|guce)_\w+|"
    r"(?:fb|g|gc|dc|tw|yc|ysc|msclk|wbra|gbra|ttc|rdt_c|li_fat_|ig|igsh|s_c|mc_e|mc_c|vero_)l?id|"
    r"fb_(?:action_ids|action_types|ref|source|comment_id)|fb_ref|fbclid|gclsrc|igshid|_gl|_ga|"
    r"__twitter_impression|__s|_hsenc|_hsmi|hsctatracking|mkt_tok|ncid|cmpid|icid|ocid|smid|smtyp|"
    r"sr_share|sh|share|shared|referer|referrer|referring_source|ref|ref_src|ref_url|rss|feedname|"
    r"feedtype|feed|ftcamp|partner|xtor|spm|taid|sref|guccounter|wpsrc|wprss|cmp|src|"
    r"source=(?:rss|twitter|facebook)|mod|nl|emci|emdi|ceid|campaign_id|instance_id|segment_id|"
    r"user_id|regi_id|te|ito|traffic_source|usqp|amp_js_v|amp_gsa|amp_ct|aoh|cb_?rand|nocache",
    re.I,
)
_FORM_NAMES = frozenset(("amp", "_amp", "isamp", "is_amp", "amp_markup", "ampmode", "print",
                         "printable", "mobile", "noamp"))  # fmt: skip
_FORM_VALUES = frozenset(("", "1", "true", "yes", "on", "amp", "print", "mobile", "y"))
_VIEW_NAMES = frozenset(("outputtype", "output", "view", "format", "layout", "m", "mode",
                         "version", "display", "tmpl", "site"))  # fmt: skip
_VIEW_VALUES = frozenset(("amp", "print", "printable", "mobile", "printfriendly", "full-print"))

_HOST_FORMS = frozenset(("www", "m", "mobile", "mobi", "amp", "touch", "wap", "print"))
_LEADING = re.compile(r"^/(?:amp|print)(?=/.)", re.I)
_TRAILING = re.compile(r"/(?:amp|print|index\.(?:html?|php|amp))/*$|/+$", re.I)
_SUFFIX = re.compile(r"[._-](?:amp|print)(?=\.[a-z]{3,5}$)|\.amp$", re.I)
_SESSION = re.compile(r";jsessionid=[^/?#;]*", re.I)
_VIEWER = re.compile(
    r"^/amp/(?:s/)?(?P<rest>[\w.-]+\.[a-z]{2,}(?::\d+)?(?:/.*)?)$|"
    r"^/[cv]/(?:s/)?(?P<cached>[\w.-]+\.[a-z]{2,}(?:/.*)?)$",
    re.I | re.S,
)
_SPACE = re.compile(r"[\s\x00-\x1f\x7f]+")


def canonicalize_url(url: str) -> str:
    """Return the address that all links to one page share, for comparing (not for fetching).

    `canonicalize_url(canonicalize_url(url)) == canonicalize_url(url)`. What is no web address is
    returned as it is, without the white space around it.
    """
    url = url.strip()[:MAX_URL]
    for _ in range(8):  # an AMP viewer may hold an address that itself needs cleaning
        cleaned = _clean_once(url)
        if cleaned == url:
            break
        url = cleaned
    return url


def _clean_once(url: str) -> str:
    url = _SPACE.sub("", url)
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return url
    if parts.scheme.lower() not in ("http", "https") or not host:
        return url
    path = _SESSION.sub("", parts.path)
    unpacked = _unpack_viewer(host, path)
    if unpacked is not None:
        return f"https://{unpacked}" + (f"?{parts.query}" if parts.query else "")
    host = _clean_host(host)
    shown = f"[{host}]" if ":" in host else host
    if port is not None and port not in (80, 443):
        shown = f"{shown}:{port}"
    fragment = parts.fragment if parts.fragment.startswith("!") else ""
    return urlunsplit(
        ("https", shown, _clean_path(path), _clean_query(parts.query), _encode(fragment))
    )[:MAX_URL]


def _unpack_viewer(host: str, path: str) -> str | None:
    """Return the address behind Google's or Bing's AMP pages, without its scheme."""
    is_cache = host.endswith(".cdn.ampproject.org") or host == "cdn.ampproject.org"
    if not is_cache and re.fullmatch(r"(?:www\.)?(?:google|bing)\.[a-z.]{2,6}", host) is None:
        return None
    match = _VIEWER.match(path)
    if match is None:
        return None
    return match["cached"] if is_cache else match["rest"]


def _clean_host(host: str) -> str:
    labels = host.rstrip(".").split(".")
    if all(label.isdigit() for label in labels):
        return host
    while len(labels) > 2 and labels[0] in _HOST_FORMS:
        labels = labels[1:]
    if len(labels) > 3 and labels[1] in ("m", "amp"):  # en.m.example.org
        labels = [labels[0], *labels[2:]]
    return ".".join(labels)


def _clean_path(path: str) -> str:
    path = re.sub("/{2,}", "/", _encode(path))
    while True:
        shorter = _SUFFIX.sub("", _TRAILING.sub("", _LEADING.sub("", path)))
        if shorter == path:
            return path
        path = shorter


def _clean_query(query: str) -> str:
    kept = []
    for part in re.split("[&;]", query.replace("&amp;", "&")):
        name, _, value = part.partition("=")
        if not name or _is_idle(name.lower(), value.lower()):
            continue
        kept.append(f"{_encode(name)}={_encode(value)}" if "=" in part else _encode(name))
    return "&".join(sorted(dict.fromkeys(kept)))


def _is_idle(name: str, value: str) -> bool:
    if name in _FORM_NAMES:
        return value in _FORM_VALUES
    if name in _VIEW_NAMES and value in _VIEW_VALUES:
        return True
    return _TRACKING.fullmatch(name) is not None or (
        name == "source" and value in ("rss", "twitter", "facebook", "newsletter", "amp")
    )


_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_ESCAPE = re.compile("%([0-9A-Fa-f]{2})")


def _encode(words: str) -> str:
    """Give escapes one spelling: what needs none has none, the others are written in capitals."""

    def respell(match: re.Match[str]) -> str:
        byte = unquote_to_bytes(match[0])
        return chr(byte[0]) if byte[0] in _PLAIN else match[0].upper()

    escaped = _ESCAPE.sub(respell, words)
    return quote(escaped, safe="/%:@!$'()*,;=+~?-._&", errors="replace")


def read_host(url: str | None) -> str | None:
    """Return the host of an address without "www.", or None."""
    if not url:
        return None
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return None
    return host.removeprefix("www.") if host else None


def is_same_site(left: str, right: str) -> bool:
    """Tell whether two addresses lie on one host, its mobile, AMP and "www" forms included."""
    hosts = [read_host(url) for url in (left, right)]
    if None in hosts:
        return False
    first, second = (_clean_host(host) for host in hosts if host is not None)
    return first == second


def resolve_link(link: str, url: str | None) -> str | None:
    """Return a link of a page as a full web address, or None where it is none."""
    try:
        full = urljoin(url or "", _SPACE.sub("", link))
        parts = urlsplit(full)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return None
    return full[:MAX_URL] if is_web else None


def safe_url(url: str | None) -> str | None:
    """Return an address that a link may lead to, None for any other: no script, no file."""
    if not url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None
