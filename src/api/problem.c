#include "problem.h"

#include "core/explain.h"

struct problem_slot {
	str start;
};

static const struct field PROBLEM_ERROR[] = {
	FIELD(struct problem_error, field, OUT,
	      .doc = "A JSON pointer (RFC 6901) to the member; a query parameter's name "
		     "behind a slash; empty for the whole"),
	FIELD(struct problem_error, message, OUT, .doc = "What is wrong with it and what would be right"),
	FIELD_END,
};

static const struct field PROBLEM_SLOT[] = {
	FIELD(struct problem_slot, start, OUT, .doc = "Start of a slot that is free, RFC 3339"),
	FIELD_END,
};

const struct field PROBLEM[] = {
	FIELD(struct problem_document, type, OUT, .doc = "A name for this kind of problem"),
	FIELD(struct problem_document, title, OUT, .doc = "The kind in words"),
	FIELD(struct problem_document, status, OUT, .doc = "The HTTP status"),
	FIELD(struct problem_document, detail, OUT, .doc = "What happened and what to do now"),
	FIELD(struct problem_document, code, OUT, .doc = "Stable name of the failure"),
	LIST(struct problem_document, errors, OUT, PROBLEM_ERROR, struct problem_error,
	     .doc = "What is wrong, field by field"),
	FIELD(struct problem_document, request_id, OUT,
	      .doc = "To find it in the log; the X-Request-Id of the answer"),
	LIST(struct problem_document, alternatives, OUT | MAYBE, PROBLEM_SLOT, struct problem_slot,
	     .doc = "With slot_taken and slot_not_offered: the three nearest slots that are free"),
	LIST(struct problem_document, reasons, OUT | MAYBE, REASON, struct reason,
	     .doc = "With slot_not_offered: why"),
	FIELD_END,
};
