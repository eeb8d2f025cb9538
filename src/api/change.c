#include "change.h"

#include "store/audit.h"

enum err change_note(struct call *c, str action, uuid entity_id, str before, str after)
{
	const struct audit_entry entry = {
		.account_id = c->cx->actor,
		.actor = call_actor(c),
		.origin = call_origin(c),
		.action = action,
		.entity_id = entity_id,
		.before_text = before,
		.after_text = after,
	};
	return audit_add(c->cx, &entry);
}

void change_location(struct call *c, uuid id)
{
	char text[UUID_TEXT];
	c->location = str_format(&c->cx->arena, "%s/%s", c->route->path, uuid_format(text, id).p);
}
