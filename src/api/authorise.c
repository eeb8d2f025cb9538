#include "authorise.h"

#include "http/query.h"
#include "site.h"
#include "store/account.h"
#include "store/session.h"
#include "base/token.h"

static bool is_safe(str method)
{
	return str_is(method, S("GET")) || str_is(method, S("HEAD")) || str_is(method, S("OPTIONS"));
}

static bool is_local(str base_url)
{
	return str_starts(base_url, S("http://127.0.0.1")) || str_starts(base_url, S("http://localhost"));
}

str cookie_name(const struct site *site)
{
	bool trusted = str_starts(site->config.base_url, S("https://")) || is_local(site->config.base_url);
	return trusted ? S("__Host-noonmark") : S("noonmark");
}

bool origin_is_ours(const struct call *c)
{
	const struct http_request *r = &c->exchange->request;
	str site = http_header(r, S("sec-fetch-site"));
	str origin = http_header(r, S("origin"));
	if (site.p) /* where browsers send it, it cannot be forged by a page */
		return str_is(site, S("same-origin")) || str_is(site, S("none"));
	return origin.p && (str_is(origin, c->site->config.base_url) ||
			    str_is(origin, str_format(&c->cx->arena, "http://%.*s", STR_ARG(r->host))));
}

static void caller_is(struct call *c, const struct identity *who)
{
	c->caller.is |= MAY_USER | (who->role == ROLE_ADMIN ? MAY_ADMIN : 0);
	c->caller.account = c->cx->actor = who->account_id;
	c->caller.session = who->session_id;
	c->caller.paid = who->plan == PLAN_PAID;
	c->caller.scopes = who->scopes;
}

static enum err nobody(struct call *c)
{
	return FAIL(c->cx, E_UNAUTHORIZED, S(""),
		    "what came in Authorization has ended or was never valid: sign in again");
}

static enum err by_key(struct call *c, str key)
{
	struct identity who;
	bool found;
	TRY(api_key_identity(c->cx, token_hash(key), &who, &found));
	if (!found)
		return nobody(c);
	caller_is(c, &who);
	if (!who.scopes.items)
		return nobody(c);
	return OK;
}

static enum err by_access(struct call *c, str token)
{
	struct access access;
	struct identity who;
	bool found;
	if (!access_check(c->cx, &c->site->keys, token, &access))
		return nobody(c);
	TRY(session_identity(c->cx, access.sid, &who, &found));
	if (!found || !uuid_same(who.account_id, access.sub))
		return nobody(c);
	caller_is(c, &who);
	return OK;
}

static enum err by_link_token(struct call *c, str token)
{
	if (manage_token_check(c->cx, &c->site->keys, token, &c->caller.booking))
		c->caller.is |= MAY_INVITEE;
	else if (guest_token_check(c->cx, &c->site->keys, token, &c->caller.guest))
		c->caller.is |= MAY_GUEST;
	else
		return nobody(c);
	return OK;
}

static enum err by_cookie(struct call *c, str cookie)
{
	struct identity who;
	bool found;
	TRY(session_identity_token(c->cx, token_hash(cookie), &who, &found));
	if (!found)
		return OK; /* an old cookie is no reason to refuse what anybody may see */
	caller_is(c, &who);
	return OK;
}

static enum err identify(struct call *c)
{
	str header = http_header(&c->exchange->request, S("authorization"));
	str value = header, scheme = str_cut(&value, ' ');
	str cookie = cookie_find(http_header(&c->exchange->request, S("cookie")), cookie_name(c->site));
	value = str_trim(value);
	c->caller.is = MAY_ANYONE;
	if ((cookie.p || c->route->page) && !header.p && !is_safe(c->exchange->request.method) && !origin_is_ours(c))
		return FAIL(c->cx, E_FORBIDDEN, S(""), "this request does not come from our own pages");
	if (str_is_nocase(scheme, S("bearer")))
		return str_starts(value, S("nm_")) ? by_key(c, value) : by_access(c, value);
	if (str_is_nocase(scheme, S("token")))
		return by_link_token(c, value);
	if (header.p)
		return FAIL(c->cx, E_UNAUTHORIZED, S(""), "Authorization must be \"Bearer …\" or \"Token …\"");
	return str_starts(cookie, S("nc_")) ? by_cookie(c, cookie) : OK;
}

static bool has_scope(const struct call *c)
{
	const struct list *scopes = &c->caller.scopes;
	if (!scopes->items)
		return true;
	for (size_t i = 0; c->route->scope && i < scopes->n; i++)
		if (str_is(((const str *)scopes->items)[i], str_of(c->route->scope)))
			return true;
	return false;
}

enum err authorise(struct call *c)
{
	TRY(identify(c));
	if (!(c->route->may & c->caller.is)) {
		if (c->caller.is == MAY_ANYONE)
			return FAIL(c->cx, E_UNAUTHORIZED, S(""),
				    "sign in first: this needs an Authorization header");
		return FAIL(c->cx, E_FORBIDDEN, S(""), "you are known, but this is not yours to do");
	}
	if (has_scope(c))
		return OK;
	if (!(c->route->may & MAY_ANYONE))
		return FAIL(c->cx, E_FORBIDDEN, S(""), "this API key lacks the scope %s",
			    c->route->scope ? c->route->scope : "that is needed: sign in instead");
	/* here the key gives nothing that a stranger has not */
	c->caller = (struct caller){ .is = MAY_ANYONE };
	c->cx->actor = (uuid){ 0 };
	return OK;
}
