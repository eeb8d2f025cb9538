#include "problem.h"

#include "core/explain.h"

struct problem_slot { str start; };

static const struct field PROBLEM_ERROR[] = {
	FIELD(struct problem_error, field, OUT, .doc = "A JSON pointer (RFC 6901) to the member; a query parameter's name "
	    "behind a slash; empty for the whole"),
	FIELD(struct problem_error, message, OUT, .doc = "What is wrong with it and what would be right"),
	FIELD_END
};

static const struct field PROBLEM_SLOT[] = {
	FIELD(struct problem_slot, start, OUT, .doc = "Start of a slot that is free, RFC 3339"),
	FIELD_END
};

const struct field PROBLEM[] = {
	FIELD(struct problem_document, type, OUT, .doc = "A name for this kind of problem"),
	FIELD(struct problem_document, title, OUT, .doc = "The kind in words"),
	FIELD(struct problem_document, status, OUT, .doc = "The HTTP status"),
	FIELD(struct problem_document, detail, OUT, .doc = "What happened and what to do now"),
	FIELD(struct problem_document, code, OUT, .doc = "Stable name of the failure"),
	LIST(struct problem_document, errors, OUT, PROBLEM_ERROR, struct problem_error, .doc = "What is wrong, field by field"),
	FIELD(struct problem_document, request_id, OUT, .doc = "To find it in the log; the X-Request-Id of the answer"),
	LIST(struct problem_document, alternatives, OUT | MAYBE, PROBLEM_SLOT, struct problem_slot,
	    .doc = "With slot_taken: the three nearest slots that are free"),
	LIST(struct problem_document, reasons, OUT | MAYBE, REASON, struct reason,
	    .doc = "With slot_not_offered: why"),
	FIELD_END
};

static void member(struct buf *b, const char *name, str value)
{
	buf_format(b, "\"%s\":", name);
	json_quote(b, value);
	buf_add_char(b, ',');
}

void problem_write(struct buf *b, const struct exchange *exchange)
{
	const struct fault *f = &exchange->cx.fault;
	char                id[REQUEST_ID_TEXT];
	bool                first = true;
	buf_format(b, "{\"type\":\"urn:noonmark:problem:%s\",", err_code(f->code));
	member(b, "title", str_of(err_title(f->code)));
	buf_format(b, "\"status\":%d,", err_http(f->code));
	member(b, "detail", f->code == E_INTERNAL ? str_of(err_title(E_INTERNAL)) : f->message);
	member(b, "code", str_of(err_code(f->code)));
	buf_add(b, S("\"errors\":["));
	for (const struct problem *p = f->problems; p; p = p->next) {
		buf_add(b, first ? S("{\"field\":") : S(",{\"field\":"));
		json_quote(b, p->field);
		buf_add(b, S(",\"message\":"));
		json_quote(b, p->message);
		buf_add_char(b, '}');
		first = false;
	}
	buf_add(b, S("],"));
	if (f->extra.n) {
		buf_add(b, f->extra);
		buf_add_char(b, ',');
	}
	buf_add(b, S("\"request_id\":"));
	json_quote(b, http_request_id(id, exchange->id));
	buf_add_char(b, '}');
}
