/* Co-hosts of a booking: guests who host too, and whose time is taken where they agreed to it. */
#include "booking_guests.h"
#include "booking_steps.h"
#include "store/account.h"
#include "store/co_host.h"

static struct guest co_host_of(struct cx *cx, const struct account *a)
{
	str name = a->last_name.n ? str_format(&cx->arena, "%.*s %.*s", STR_ARG(a->first_name), STR_ARG(a->last_name))
				  : a->first_name;
	return (struct guest){
		.email = a->email, .name = name, .role = GUEST_CO_HOST, .rsvp = RSVP_ACCEPTED, .account_id = a->id
	};
}

static bool is_among(const struct guest *g, size_t n, str email)
{
	for (size_t i = 0; i < n; i++)
		if (str_is(g[i].email, email))
			return true;
	return false;
}

enum err co_hosts_add(struct call *c, const struct list *accounts, struct list *guests)
{
	struct cx *cx = c->cx;
	if (!accounts->n)
		return OK;
	struct guest *all = NEWS(&cx->arena, struct guest, accounts->n + guests->n);
	const struct guest *others = guests->items;
	size_t n = 0;
	for (size_t i = 0; i < accounts->n; i++) {
		struct account a;
		TRY(account_get_id(cx, ((const uuid *)accounts->items)[i], &a));
		all[n++] = co_host_of(cx, &a);
	}
	for (size_t i = 0; i < guests->n; i++)
		if (!is_among(all, accounts->n, others[i].email))
			all[n++] = others[i];
	*guests = (struct list){ all, n };
	return OK;
}

enum err co_hosts_join(struct call *c, const struct booking *b, struct list *guests)
{
	struct cx *cx = c->cx;
	struct guest *g = guests->items;
	for (size_t i = 0; i < guests->n; i++) {
		struct account a;
		bool agreed;
		if (g[i].role != GUEST_CO_HOST || uuid_is(g[i].account_id))
			continue;
		TRY(account_find_email(cx, g[i].email, &a, &agreed));
		if (agreed)
			TRY(co_host_agreed(cx, b->account_id, a.id, &agreed));
		if (!agreed) /* whether there is such an account is not told: it is invited as anybody is */
			continue;
		TRY(guard_join(cx, b->reservation_id, a.id));
		g[i] = co_host_of(cx, &a);
	}
	return OK;
}

struct list co_hosts_of(struct arena *a, const struct booking *b)
{
	const struct guest *g = b->guests.items;
	uuid *all = NEWS(a, uuid, b->guests.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < b->guests.n; i++)
		if (guest_takes_time(&g[i]))
			all[n++] = g[i].account_id;
	return (struct list){ all, n };
}
