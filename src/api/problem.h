/* problem - the members of application/problem+json (RFC 9457), as http_problem_write writes them, for the OpenAPI
 * document. */
#ifndef API_PROBLEM_H
#define API_PROBLEM_H
#include "base/field.h"

struct problem_document {
	str type, title, detail, code, request_id;
	int64_t status;
	struct list errors;       /* struct problem_error */
	struct list alternatives; /* struct problem_slot, with slot_taken */
	struct list reasons;      /* of slot_explain, with slot_not_offered */
};
struct problem_error {
	str field, message;
};
extern const struct field PROBLEM[];
#endif
