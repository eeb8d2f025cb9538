/* openapi - the OpenAPI 3.1 document, from the route and field tables. */
#ifndef API_OPENAPI_H
#define API_OPENAPI_H
#include "api.h"

/* openapi_write - the whole document as JSON. */
void openapi_write(struct buf *, str base_url);
#endif
