/* rule - what strings from outside must be. */
#ifndef BASE_RULE_H
#define BASE_RULE_H
#include "field.h"

extern const struct rule
    RULE_EMAIL,    /* addr-spec of RFC 5322 without comments, quotes and literals; ASCII; at most 254 bytes */
    RULE_NAME,     /* a person's name or a title: no control, bidi or zero-width characters, no links; kept in NFC */
    RULE_LINE,     /* one line of text: no control, bidi or zero-width characters */
    RULE_TEXT,     /* several lines: newline and tab allowed, no other control or bidi characters */
    RULE_CODE,     /* a piece of a URL: a-z, 0-9 and inner '-' */
    RULE_USERNAME, /* as RULE_CODE, 3-32, and not one of our own paths */
    RULE_CURRENCY, /* ISO 4217 code in use */
    RULE_OTP,      /* six digits */
    RULE_COLOR,    /* #rrggbb */
    RULE_LINK;     /* https URL with a host name */

/* username_look - what a username looks like: equal for those that are easily taken for each other, as paypal and
 * paypa1, modern and modem.  (Of Unicode's confusables, what a-z, 0-9 and '-' leave.) */
str username_look(struct arena *, str username);
#endif
