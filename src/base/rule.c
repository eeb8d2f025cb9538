#include "rule.h"

#include <string.h>
#include <utf8proc.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_letter(char c)
{
	return is_lower(c) || (c >= 'A' && c <= 'Z');
}

/* Controls, bidirectional and zero-width characters and letters without a shape, which make text read as something that it
 * is not; and what Unicode says will never be a character. */
static bool is_hidden(int32_t r)
{
	static const struct {
		int32_t from, to;
	} ranges[] = {
		{ 0x00, 0x1f },       { 0x7f, 0x9f },     { 0xad, 0xad },     { 0x61c, 0x61c },   { 0x180e, 0x180e },
		{ 0x200b, 0x200f },   { 0x2028, 0x202e }, { 0x2060, 0x206f }, { 0xfeff, 0xfeff }, { 0xfff9, 0xfffb },
		{ 0xe0000, 0xe007f }, { 0x115f, 0x1160 }, { 0x3164, 0x3164 }, { 0xffa0, 0xffa0 }, { 0xfdd0, 0xfdef },
	};
	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
		if (r >= ranges[i].from && r <= ranges[i].to)
			return true;
	return (r & 0xfffe) == 0xfffe;
}

static bool is_visible(str s, const char *allowed)
{
	for (size_t at = 0; at < s.n;) {
		int32_t r = str_rune(s, &at);
		if (r < 0 || (is_hidden(r) && !(r > 0 && r < 0x80 && strchr(allowed, r))))
			return false;
	}
	return true;
}

static bool is_line(str s)
{
	return is_visible(s, "");
}

static bool is_text(str s)
{
	return is_visible(s, "\n\r\t");
}

/* How many letters of any script s begins with, and where they end with their marks. */
static size_t word_length(str s, size_t *end)
{
	size_t letters = 0;
	for (size_t at = *end = 0; at < s.n; *end = at) {
		utf8proc_category_t c = utf8proc_category(str_rune(s, &at));
		if (c < UTF8PROC_CATEGORY_LU || c > UTF8PROC_CATEGORY_ME)
			break;
		letters += c <= UTF8PROC_CATEGORY_LO;
	}
	return letters;
}

/* "://", "www." or a label, a dot and two letters or more: a host name, as mail programs make links of.  A label of one sign
 * counts before a path only, as people are written so too: J.Smith. */
static bool has_link(str s)
{
	size_t label = 0, end; /* letters, digits and hyphens before */
	for (size_t here = 0, at = 0; at < s.n; here = at) {
		int32_t r = str_rune(s, &at);
		if (r < 0 || str_starts(str_slice(s, here, s.n), S("://")) ||
		    str_is_nocase(str_slice(s, here, here + 4), S("www.")))
			return true;
		str behind = str_slice(s, at, s.n);
		if (r == '.' && label && word_length(behind, &end) > 1 &&
		    (label > 1 || str_starts(str_slice(behind, end, behind.n), S("/"))))
			return true;
		utf8proc_category_t c = utf8proc_category(r);
		if (r == '-' && label)
			label++;
		else if (c < UTF8PROC_CATEGORY_LU || c > UTF8PROC_CATEGORY_ND)
			label = 0;
		else if (c <= UTF8PROC_CATEGORY_LO || c == UTF8PROC_CATEGORY_ND)
			label++; /* and marks belong to their letters */
	}
	return false;
}

/* Whether it begins or ends with a blank of any kind, or holds nothing else. */
static bool has_blanks_around(str s)
{
	size_t begin = 0;
	int32_t first = s.n ? str_rune(s, &begin) : 'x', last = first;
	for (size_t at = begin; at < s.n;)
		last = str_rune(s, &at);
	return utf8proc_category(first) == UTF8PROC_CATEGORY_ZS || utf8proc_category(last) == UTF8PROC_CATEGORY_ZS;
}

static bool is_name(str s)
{
	return is_line(s) && !has_link(s) && str_find(s, '@') == s.n && !has_blanks_around(s);
}

/* Unicode's composed form (NFC), so that names which look the same are the same. */
static str composed(struct arena *a, str s)
{
	bool ascii = true;
	for (size_t i = 0; i < s.n; i++)
		ascii = ascii && (unsigned char)s.p[i] < 0x80;
	if (ascii)
		return str_copy(a, s.p ? s : S(""));
	const utf8proc_uint8_t *bytes = (const utf8proc_uint8_t *)s.p;
	const utf8proc_option_t how = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
	utf8proc_ssize_t n = utf8proc_decompose(bytes, (utf8proc_ssize_t)s.n, NULL, 0, how);
	utf8proc_int32_t *runes = NEWS(a, utf8proc_int32_t, (size_t)n + 1);
	n = utf8proc_decompose(bytes, (utf8proc_ssize_t)s.n, runes, n, how);
	n = utf8proc_reencode(runes, n, how);
	return (str){ (const char *)runes, (size_t)n };
}

static char look_of(char c)
{
	return c == '0' ? 'o' : c == '1' ? 'l' : c;
}

str username_look(struct arena *a, str username)
{
	char *look = arena_take(a, username.n + 1, 1);
	size_t n = 0;
	for (size_t i = 0; i < username.n; i++) {
		str rest = str_slice(username, i, username.n);
		bool two = str_starts(rest, S("rn")) || str_starts(rest, S("vv"));
		look[n++] = !two ? look_of(username.p[i]) : username.p[i] == 'r' ? 'm' : 'w';
		i += two;
	}
	return (str){ look, n };
}

/* One dot-separated label of a host name. */
static bool is_label(str s)
{
	if (s.n == 0 || s.n > 63 || s.p[0] == '-' || s.p[s.n - 1] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!is_letter(s.p[i]) && !is_digit(s.p[i]) && s.p[i] != '-')
			return false;
	return true;
}

static bool is_host(str s)
{
	size_t labels = 0;
	bool named = false; /* the last label is not a number */
	if (s.n == 0 || s.n > 253 || s.p[s.n - 1] == '.')
		return false;
	while (s.n) {
		str label = str_cut(&s, '.');
		if (!is_label(label))
			return false;
		named = is_letter(label.p[0]);
		labels++;
	}
	return labels >= 2 && named;
}

static bool is_email(str s)
{
	str host = s;
	str local = str_cut(&host, '@');
	if (s.n > 254 || local.n == 0 || local.n > 64 || local.p[0] == '.' || local.p[local.n - 1] == '.')
		return false;
	for (size_t i = 0; i < local.n; i++) {
		char c = local.p[i];
		if (c == '\0' || (!is_letter(c) && !is_digit(c) && !strchr("!#$%&'*+-/=?^_`{|}~.", c)))
			return false;
		if (c == '.' && local.p[i + 1] == '.')
			return false;
	}
	return is_host(host);
}

static bool is_code(str s)
{
	if (s.n == 0 || s.p[0] == '-' || s.p[s.n - 1] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!is_lower(s.p[i]) && !is_digit(s.p[i]) && s.p[i] != '-')
			return false;
	return true;
}

static bool is_username(str s)
{
	static const char *const ours[] = {
		"about",       "account",  "admin",    "api",      "app",        "assets",    "b",
		"book",        "booking",  "bookings", "calendar", "contact",    "dashboard", "docs",
		"event-types", "explore",  "favicon",  "health",   "healthz",    "help",      "home",
		"host",        "hosts",    "index",    "invite",   "legal",      "log-in",    "log-out",
		"login",       "logout",   "mail",     "manage",   "me",         "metrics",   "my-bookings",
		"new",         "noonmark", "null",     "otp",      "postmaster", "privacy",   "profile",
		"readyz",      "register", "reset",    "robots",   "root",       "schedules", "security",
		"settings",    "sign-in",  "sign-up",  "signin",   "signup",     "sitemap",   "slots",
		"static",      "status",   "support",  "system",   "team",       "teams",     "terms",
		"undefined",   "user",     "users",    "v1",       "v2",         "verify",    "webhooks",
		"well-known",  "www"
	};
	if (!is_code(s) || s.n < 3 || s.n > 32)
		return false;
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		if (str_is(s, str_of(ours[i])))
			return false;
	return true;
}

static bool is_currency(str s)
{
	static const char codes[] =
	    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF "
	    "CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD "
	    "HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD "
	    "LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK "
	    "PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS "
	    "TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG ";
	for (size_t at = 0; s.n == 3 && at + 4 < sizeof codes; at += 4)
		if (memcmp(codes + at, s.p, 3) == 0)
			return true;
	return false;
}

static bool is_otp(str s)
{
	int64_t v;
	return s.n == 6 && is_digit(s.p[0]) && str_to_int(s, &v);
}

static bool is_color(str s)
{
	if (s.n != 7 || s.p[0] != '#')
		return false;
	for (size_t i = 1; i < s.n; i++)
		if (!is_digit(s.p[i]) && !(s.p[i] >= 'a' && s.p[i] <= 'f') && !(s.p[i] >= 'A' && s.p[i] <= 'F'))
			return false;
	return true;
}

static bool is_link(str s)
{
	if (!str_starts(s, S("https://")) || !is_line(s))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || strchr("\"<>\\^`{|}", s.p[i]))
			return false;
	size_t end = 8;
	while (end < s.n && !strchr("/?#", s.p[end]))
		end++;
	str authority = str_slice(s, 8, end);
	str host = str_cut(&authority, ':');
	int64_t port = 443;
	return is_host(host) && (!authority.n || (str_to_int(authority, &port) && port > 0 && port < 65536));
}

const struct rule RULE_EMAIL = { .format = "email",
				 .wants = "an email address like ada@example.org",
				 .holds = is_email };
const struct rule RULE_NAME = { .wants =
				    "a plain name: no links, no line breaks, no control or invisible characters, "
				    "no blanks around it",
				.holds = is_name,
				.kept = composed };
const struct rule RULE_LINE = { .wants = "one line without control or invisible characters", .holds = is_line };
const struct rule RULE_TEXT = { .wants = "plain text without control or invisible characters", .holds = is_text };
const struct rule RULE_CODE = { .pattern = "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$",
				.wants = "made of a-z, 0-9 and inner hyphens, like intro-call",
				.holds = is_code };
const struct rule RULE_USERNAME = { .pattern = "^[a-z0-9][a-z0-9-]{1,30}[a-z0-9]$",
				    .wants =
					"3 to 32 of a-z, 0-9 and inner hyphens, and not a word of ours like \"api\"",
				    .holds = is_username };
const struct rule RULE_CURRENCY = { .pattern = "^[A-Z]{3}$",
				    .wants = "a currency code of ISO 4217 like EUR",
				    .holds = is_currency };
const struct rule RULE_OTP = { .pattern = "^[0-9]{6}$", .wants = "the six digits from the mail", .holds = is_otp };
const struct rule RULE_COLOR = { .pattern = "^#[0-9a-fA-F]{6}$",
				 .wants = "a colour like #8A5A00",
				 .holds = is_color };
const struct rule RULE_LINK = { .format = "uri", .wants = "a link like https://example.org/room", .holds = is_link };
