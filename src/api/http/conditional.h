/* conditional - reading the fields that choose between representations: Accept-Encoding, If-None-Match, If-Match. */
#ifndef API_HTTP_CONDITIONAL_H
#define API_HTTP_CONDITIONAL_H
#include "base/str.h"

enum encoding { ENCODING_IDENTITY, ENCODING_GZIP, ENCODING_BR };

/* encoding_names - "", "gzip", "br": the Content-Encoding of each. */
extern const str ENCODING_NAMES[];

/* encoding_accepted - whether a client whose Accept-Encoding is `accepts` (absent: any) takes that encoding
 * (RFC 9110 12.5.3: q=0 forbids, "*" stands for those not named, identity is taken unless forbidden). */
bool encoding_accepted(str accepts, enum encoding);

/* etag_matches - whether `etag` (quotes included, or empty) is in a list of If-None-Match or If-Match, or the list is
 * "*".  weak: "W/" is ignored on both sides (If-None-Match); else weak tags never match (If-Match). */
bool etag_matches(str list, str etag, bool weak);
#endif
