/* target - the request target and the host: what is asked for, decoded exactly once. */
#ifndef API_HTTP_TARGET_H
#define API_HTTP_TARGET_H
#include "request.h"

/* target_parse - sets path and query.  `host` is the Host field's value; an absolute target must name the same.
 *   E_MALFORMED  neither "/path?query", "http(s)://host/path?query" nor, with OPTIONS, "*"; a character that is not
 *                allowed, '%' without two digits, %00 or another control character, %2f, %5c, bad UTF-8, a segment
 *                that is "." or ".." */
enum err target_parse(struct cx *, str target, struct http_request *);

/* host_is - a host name, IPv4 address or IPv6 address in brackets, and perhaps a port. */
bool host_is(str);

/* hex_digit - 0 … 15, or -1. */
int hex_digit(char);
#endif
