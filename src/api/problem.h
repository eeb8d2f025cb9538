/* problem - failures as application/problem+json (RFC 9457). */
#ifndef API_PROBLEM_H
#define API_PROBLEM_H
#include "base/field.h"
#include "http/server.h"

/* problem_write - cx->fault as a problem document: type, title, status, detail, code, errors, request_id and what the
 * fault carries besides. */
void problem_write(struct buf *, const struct exchange *);

/* The document's members, for the OpenAPI document. */
struct problem_document {
	str         type, title, detail, code, request_id;
	int64_t     status;
	struct list errors;       /* struct problem_error */
	struct list alternatives; /* struct problem_slot, with slot_taken */
	struct list reasons;      /* of slot_explain, with slot_not_offered */
};
struct problem_error { str field, message; };
extern const struct field PROBLEM[];
#endif
