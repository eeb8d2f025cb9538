/* routes - the tables of all files; routes.c puts them together.  Each ends with a row without a method. */
#ifndef API_ROUTES_H
#define API_ROUTES_H
#include "api.h"

extern const struct route API_ROUTES[], ACCOUNT_ROUTES[], ADMIN_ROUTES[], ADMIN_JOB_ROUTES[], SESSION_ROUTES[],
    SCHEDULE_ROUTES[], EVENT_TYPE_ROUTES[], SLOT_ROUTES[], PEOPLE_ROUTES[], BOOKING_ROUTES[], BOOKING_LOG_ROUTES[],
    PREFERENCE_ROUTES[], PROPOSAL_ROUTES[], WEBHOOK_ROUTES[], RECOVER_ROUTES[], WORDS_ROUTES[], META_ROUTES[],
    PAGE_ROUTES[], PUSH_ROUTES[];
extern const struct route BOOKING_GUEST_ROUTES[], CO_HOST_ROUTES[], BOOKING_DETAIL_ROUTES[];
#endif
