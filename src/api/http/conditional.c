#include "conditional.h"

const str ENCODING_NAMES[] = {
	[ENCODING_IDENTITY] = S(""),
	[ENCODING_GZIP] = S("gzip"),
	[ENCODING_BR] = S("br"),
};

/* the weight of "gzip;q=0.5" is above zero: only "q=0", "q=0.", "q=0.0" … forbid */
static bool weight_allows(str parameters)
{
	while (parameters.n) {
		str part = str_trim(str_cut(&parameters, ';'));
		if (part.n < 2 || (part.p[0] != 'q' && part.p[0] != 'Q') || part.p[1] != '=')
			continue;
		for (size_t i = 2; i < part.n; i++)
			if (part.p[i] != '0' && part.p[i] != '.')
				return true;
		return false;
	}
	return true;
}

bool encoding_accepted(str accepts, enum encoding encoding)
{
	str name = encoding == ENCODING_IDENTITY ? S("identity") : ENCODING_NAMES[encoding];
	bool all = encoding == ENCODING_IDENTITY;
	if (!accepts.p)
		return all;
	while (accepts.n) {
		str item = str_cut(&accepts, ',');
		str coding = str_trim(str_cut(&item, ';'));
		bool allowed = weight_allows(item);
		if (str_is_nocase(coding, name))
			return allowed;
		if (encoding == ENCODING_GZIP && str_is_nocase(coding, S("x-gzip")))
			return allowed;
		if (str_is(coding, S("*")))
			all = allowed;
	}
	return all;
}

static bool weak_cut(str *tag)
{
	if (!str_starts(*tag, S("W/")))
		return false;
	*tag = str_slice(*tag, 2, tag->n);
	return true;
}

/* the next entity tag of a list, or an empty view at its end or where it is malformed */
static str tag_next(str *list)
{
	size_t at = 0;
	while (at < list->n && (list->p[at] == ' ' || list->p[at] == '\t' || list->p[at] == ','))
		at++;
	str rest = str_slice(*list, at, list->n);
	size_t open = str_starts(rest, S("W/")) ? 2 : 0;
	if (open >= rest.n || rest.p[open] != '"')
		return (str){ NULL, 0 };
	size_t close = open + 1 + str_find(str_slice(rest, open + 1, rest.n), '"');
	if (close >= rest.n)
		return (str){ NULL, 0 };
	*list = str_slice(rest, close + 1, rest.n);
	return str_slice(rest, 0, close + 1);
}

bool etag_matches(str list, str etag, bool weak)
{
	bool ours_weak = weak_cut(&etag);
	if (etag.n == 0)
		return false;
	if (str_is(str_trim(list), S("*")))
		return true;
	for (str tag = tag_next(&list); tag.n; tag = tag_next(&list)) {
		bool theirs_weak = weak_cut(&tag);
		if (str_is(tag, etag) && (weak || (!ours_weak && !theirs_weak)))
			return true;
	}
	return false;
}
